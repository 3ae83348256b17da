"""What is made of a sampler's stacks."""

from benchmarks.profiling import our_functions, package_of_leaf, read_stacks, shares

SEEN = """\
run (/app/backend/cli/run.py);show (/app/backend/patient/a.py);do (/site-packages/jinja2/b.py) 6
run (/app/backend/cli/run.py);show (/app/backend/patient/a.py);show (/app/backend/patient/a.py) 1
run (/app/backend/cli/run.py);select (/usr/lib/python3.11/selectors.py) 3
"""


def test_time_is_counted_where_it_was_spent() -> None:
    found = shares(read_stacks(SEEN), package_of_leaf, 2)

    assert found == [("jinja2", 0.6), ("python", 0.3)]


def test_a_function_of_ours_is_counted_once_a_stack() -> None:
    found = dict(shares(read_stacks(SEEN), our_functions, 9))

    assert found == {"patient/a: show": 0.7}

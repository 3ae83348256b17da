# Everything is in boot.py, which needs nothing but Python 3.11 or newer.
BOOT := python3 -E $(dir $(lastword $(MAKEFILE_LIST)))boot.py

.DEFAULT_GOAL := help
.PHONY: help run test sure prove prove-long bench fix lock demo-reset

help:        ## what there is
	@sed -n 's/^\([a-z-]*\):\(  *\)## /make \1\2/p; s/^\([a-z-]*\): test\(  *\)## /make \1      \2/p' $(firstword $(MAKEFILE_LIST))

run:         ## set up what is missing, then start the service on http://localhost:8000
	@exec $(BOOT) run

test:        ## set up what is missing, then check everything (ARGS="-k word" goes to pytest)
	@exec $(BOOT) test $(ARGS)

sure: test   ## the same

prove:       ## kill it, flood it, starve it, fuzz it: the promises of docs/reliability.md, in about ten minutes
	@exec $(BOOT) prove $(ARGS)

prove-long:  ## the same, much longer
	@exec $(BOOT) prove-long $(ARGS)

bench:       ## how fast it is, beside the limits of this machine
	@exec $(BOOT) bench $(ARGS)

fix:         ## format the code and repair what a tool can
	@exec $(BOOT) fix

lock:        ## choose the dependencies again and lock them with their hashes
	@exec $(BOOT) lock $(ARGS)

demo-reset:  ## forget the demonstration: its database, its files, its keys
	@exec $(BOOT) demo-reset

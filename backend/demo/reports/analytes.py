"""The analyses that the demonstration laboratories run: LOINC, UCUM, usual ranges."""

from msgspec import Struct

BIOCHEMISTRY = ("18719-5", "Biochimie")
HAEMATOLOGY = ("18723-7", "Hématologie")
MICROBIOLOGY = ("18725-2", "Microbiologie")
SEROLOGY = ("18727-8", "Sérologie")
BLOOD_BANK = ("18717-9", "Immuno-hématologie")
COAGULATION = ("18720-3", "Hémostase, coagulation")
ELECTROPHORESIS = ("14340-4", "Électrophorèse des protéines")

BLOOD_COUNT = ("58410-2", "Hémogramme")
LIPIDS = ("24331-1", "Bilan lipidique")
LIVER = ("24325-3", "Bilan hépatique")
ELECTROLYTES = ("24326-1", "Ionogramme sanguin")
SUGAR = ("", "Glycémie")
KIDNEYS = ("", "Fonction rénale")
THYROID = ("", "Thyroïde")
IRON = ("", "Bilan martial")
INFLAMMATION = ("", "Inflammation")
VITAMINS = ("", "Vitamines")
PROTEINS = ("", "Protéines")


class Analyte(Struct, frozen=True):
    """One analysis, and the range its laboratory usually prints (empty: none)."""

    loinc: str
    label: str
    display: str
    unit: str
    low: str = ""
    high: str = ""
    battery: tuple[str, str] = ("", "")
    chapter: tuple[str, str] = BIOCHEMISTRY
    subchapter: tuple[str, str] = ("", "")
    method: str = ""
    group: str = ""
    """Words beside the range: for whom it holds."""
    strict_high: bool = False
    """« < 1,60 » rather than « ≤ 1,60 »."""


def split_limits(limits: str) -> tuple[str, str]:
    """`"0.74..1.06"` → low and high; either may be empty."""
    low, _, high = limits.partition("..")
    return low, high


def _serum(battery: tuple[str, str], loinc: str, label: str, what: str, usual: str) -> Analyte:
    """`usual` is `low..high unit`."""
    limits, _, unit = usual.partition(" ")
    display = f"{what} Sérum/Plasma ; Numérique"
    return Analyte(loinc, label, display, unit, *split_limits(limits), battery)


def _cells(loinc: str, label: str, what: str, usual: str) -> Analyte:
    limits, _, unit = usual.partition(" ")
    display = f"{what} Sang ; Numérique"
    return Analyte(loinc, label, display, unit, *split_limits(limits), BLOOD_COUNT, HAEMATOLOGY)


def _fraction(loinc: str, label: str, low: str, high: str) -> Analyte:
    return Analyte(
        loinc,
        label,
        f"{label} [Masse/Volume] Sérum/Plasma ; Numérique ; Électrophorèse",
        "g/L",
        low,
        high,
        subchapter=ELECTROPHORESIS,
        method="Électrophorèse capillaire",
    )


MASS, MOLES, ACTIVITY = "[Masse/Volume]", "[Moles/Volume]", "[Activité catalytique/Volume]"
COUNT = "[Nombre/Volume]"

GLUCOSE = _serum(SUGAR, "1558-6", "Glycémie à jeun", f"Glucose à jeun {MASS}", "0.74..1.06 g/L")
GLUCOSE_MOLES = _serum(
    SUGAR, "14771-0", "Glycémie à jeun", f"Glucose à jeun {MOLES}", "4.1..5.9 mmol/L"
)
HBA1C = Analyte(
    "4548-4",
    "HbA1c (hémoglobine glyquée)",
    "Hémoglobine A1c/hémoglobine totale [Fraction massique] Sang ; Numérique",
    "%",
    "4.0",
    "6.0",
    SUGAR,
    method="HPLC",
)
HBA1C_ELSEWHERE = Analyte(
    "17856-6",
    "Hb glyquée A1c",
    "Hémoglobine A1c/hémoglobine totale [Fraction massique] Sang ; Numérique ; HPLC",
    "%",
    "4.0",
    "6.0",
    SUGAR,
    method="Électrophorèse capillaire",
)
"""The same analysis, as another laboratory calls and codes it."""
C_PEPTIDE = _serum(SUGAR, "1986-9", "Peptide C", f"Peptide C {MASS}", "0.8..3.9 ng/mL")
ANTI_GAD = Analyte(
    "56540-8",
    "Anticorps anti-GAD",
    "Glutamate décarboxylase 65 Ac [Unités/Volume] Sérum ; Numérique ; Immunoanalyse",
    "[IU]/mL",
    "",
    "10",
    chapter=SEROLOGY,
    strict_high=True,
)

CHOLESTEROL = _serum(LIPIDS, "2093-3", "Cholestérol total", f"Cholestérol {MASS}", "..2.00 g/L")
CHOLESTEROL_MOLES = _serum(
    LIPIDS, "14647-2", "Cholestérol total", f"Cholestérol {MOLES}", "..5.2 mmol/L"
)
HDL = _serum(LIPIDS, "2085-9", "Cholestérol HDL", f"Cholestérol HDL {MASS}", "0.40.. g/L")
LDL = Analyte(
    "13457-7",
    "Cholestérol LDL (calculé)",
    f"Cholestérol LDL {MASS} Sérum/Plasma ; Numérique ; Calcul",
    "g/L",
    "",
    "1.60",
    LIPIDS,
    strict_high=True,
)
TRIGLYCERIDES = _serum(LIPIDS, "2571-8", "Triglycérides", f"Triglycéride {MASS}", "..1.50 g/L")

CREATININE = _serum(KIDNEYS, "14682-9", "Créatinine", f"Créatinine {MOLES}", "45..84 umol/L")
EGFR = Analyte(
    "62238-1",
    "DFG estimé (CKD-EPI)",
    "Débit de filtration glomérulaire/1,73 m² prédit ; Numérique ; CKD-EPI",
    "mL/min/{1.73_m2}",
    "60",
    "",
    KIDNEYS,
    method="Calcul CKD-EPI 2009",
)
UREA = _serum(KIDNEYS, "22664-7", "Urée", f"Urée {MOLES}", "2.5..7.5 mmol/L")
URIC_ACID = _serum(KIDNEYS, "14933-6", "Acide urique", f"Urate {MOLES}", "150..360 umol/L")

ALT = _serum(LIVER, "1742-6", "ALAT (TGP)", f"Alanine aminotransférase {ACTIVITY}", "..35 U/L")
AST = _serum(LIVER, "1920-8", "ASAT (TGO)", f"Aspartate aminotransférase {ACTIVITY}", "..35 U/L")
GGT = _serum(LIVER, "2324-2", "Gamma-GT", f"Gamma glutamyl transférase {ACTIVITY}", "..40 U/L")
ALP = _serum(
    LIVER, "6768-6", "Phosphatases alcalines", f"Phosphatase alcaline {ACTIVITY}", "35..105 U/L"
)
BILIRUBIN = _serum(
    LIVER, "14631-6", "Bilirubine totale", f"Bilirubine totale {MOLES}", "..21 umol/L"
)
LDH = _serum(LIVER, "14804-9", "LDH", f"Lactate déshydrogénase {ACTIVITY}", "135..225 U/L")

SODIUM = _serum(ELECTROLYTES, "2951-2", "Sodium", f"Sodium {MOLES}", "136..145 mmol/L")
POTASSIUM = _serum(ELECTROLYTES, "2823-3", "Potassium", f"Potassium {MOLES}", "3.5..5.1 mmol/L")
CHLORIDE = _serum(ELECTROLYTES, "2075-0", "Chlore", f"Chlorure {MOLES}", "98..107 mmol/L")
BICARBONATE = _serum(
    ELECTROLYTES, "1963-8", "Bicarbonates", f"Bicarbonate {MOLES}", "22..29 mmol/L"
)
CALCIUM = _serum(ELECTROLYTES, "2000-8", "Calcium", f"Calcium {MOLES}", "2.20..2.55 mmol/L")
PHOSPHATE = _serum(ELECTROLYTES, "14879-1", "Phosphore", f"Phosphate {MOLES}", "0.81..1.45 mmol/L")
MAGNESIUM = _serum(ELECTROLYTES, "2601-3", "Magnésium", f"Magnésium {MOLES}", "0.66..1.07 mmol/L")
ALBUMIN = _serum(PROTEINS, "1751-7", "Albumine", f"Albumine {MASS}", "35..52 g/L")
PROTEIN = _serum(PROTEINS, "2885-2", "Protéines totales", f"Protéines {MASS}", "64..83 g/L")

TSH = _serum(THYROID, "3016-3", "TSH", "Thyrotropine [Unités/Volume]", "0.40..4.00 m[IU]/L")
FT4 = _serum(THYROID, "14920-3", "T4 libre", f"Thyroxine libre {MOLES}", "12.0..22.0 pmol/L")

IRON_SERUM = _serum(IRON, "14798-3", "Fer", f"Fer {MOLES}", "9..30 umol/L")
FERRITIN = _serum(IRON, "2276-4", "Ferritine", f"Ferritine {MASS}", "15..150 ug/L")
TRANSFERRIN = _serum(IRON, "3034-6", "Transferrine", f"Transferrine {MASS}", "2.00..3.60 g/L")
SATURATION = _serum(
    IRON,
    "2502-3",
    "Saturation de la transferrine",
    "Fer/capacité totale de fixation [Fraction massique]",
    "20..40 %",
)
CRP = _serum(
    INFLAMMATION, "1988-5", "CRP (protéine C réactive)", f"Protéine C réactive {MASS}", "..5 mg/L"
)
VITAMIN_D = _serum(
    VITAMINS,
    "62292-8",
    "Vitamine D (25-OH D2 + D3)",
    f"Vitamine D2+D3 25-OH {MASS}",
    "30..100 ng/mL",
)
B12 = _serum(VITAMINS, "14685-2", "Vitamine B12", f"Cobalamine {MOLES}", "145..569 pmol/L")
FOLATE = _serum(VITAMINS, "14732-2", "Folates (vitamine B9)", f"Folate {MOLES}", "8.8..45.3 nmol/L")

WBC = _cells("6690-2", "Leucocytes", f"Leucocytes {COUNT}", "4.0..10.0 10*9/L")
RBC = _cells("789-8", "Hématies", f"Érythrocytes {COUNT}", "3.8..5.9 10*12/L")
HAEMOGLOBIN = _cells("718-7", "Hémoglobine", f"Hémoglobine {MASS}", "11.5..17.5 g/dL")
HAEMATOCRIT = _cells("4544-3", "Hématocrite", "Hématocrite [Fraction volumique]", "34.0..53.0 %")
MCV = _cells("787-2", "VGM", "Érythrocytes, volume moyen [Volume]", "76..96 fL")
MCH = _cells("785-6", "TCMH", "Érythrocytes, teneur moyenne en hémoglobine [Masse]", "24..34 pg")
MCHC = _cells("786-4", "CCMH", "Érythrocytes, concentration moyenne en hémoglobine", "31..36 g/dL")
PLATELETS = _cells("777-3", "Plaquettes", f"Plaquettes {COUNT}", "150..400 10*9/L")
NEUTROPHILS = _cells(
    "751-8", "Polynucléaires neutrophiles", f"Neutrophiles {COUNT}", "1.8..7.5 10*9/L"
)
EOSINOPHILS = _cells(
    "711-2", "Polynucléaires éosinophiles", f"Éosinophiles {COUNT}", "0.05..0.80 10*9/L"
)
BASOPHILS = _cells("704-7", "Polynucléaires basophiles", f"Basophiles {COUNT}", "0.01..0.20 10*9/L")
LYMPHOCYTES = _cells("731-0", "Lymphocytes", f"Lymphocytes {COUNT}", "1.0..4.0 10*9/L")
MONOCYTES = _cells("742-7", "Monocytes", f"Monocytes {COUNT}", "0.20..1.00 10*9/L")

INR = Analyte(
    "6301-6",
    "INR",
    "Temps de Quick INR [Temps relatif] Plasma pauvre en plaquettes ; Numérique ; Coagulation",
    "",
    chapter=HAEMATOLOGY,
    subchapter=COAGULATION,
)
PROTHROMBIN = Analyte(
    "5894-1",
    "Taux de prothrombine",
    "Temps de Quick [Temps relatif] Plasma pauvre en plaquettes ; Numérique",
    "%",
    "70",
    "",
    chapter=HAEMATOLOGY,
    subchapter=COAGULATION,
)
FIBRINOGEN = Analyte(
    "3255-7",
    "Fibrinogène",
    "Fibrinogène [Masse/Volume] Plasma pauvre en plaquettes ; Numérique ; Coagulation",
    "g/L",
    "2.00",
    "4.00",
    chapter=HAEMATOLOGY,
    subchapter=COAGULATION,
)

FRACTIONS = (
    _fraction("2862-1", "Albumine", "40.2", "47.6"),
    _fraction("2865-4", "Alpha-1 globulines", "2.1", "3.5"),
    _fraction("2868-8", "Alpha-2 globulines", "5.1", "8.5"),
    _fraction("2871-2", "Bêta globulines", "5.6", "9.1"),
    _fraction("2874-6", "Gamma globulines", "8.0", "13.5"),
)

URINE_LEUCOCYTES = Analyte(
    "30405-5",
    "Leucocytes",
    "Leucocytes [Nombre/Volume] Urine ; Numérique",
    "/mL",
    high="10000",
    battery=("", "Examen direct"),
    chapter=MICROBIOLOGY,
    strict_high=True,
)
URINE_ERYTHROCYTES = Analyte(
    "30391-7",
    "Hématies",
    "Érythrocytes [Nombre/Volume] Urine ; Numérique",
    "/mL",
    high="10000",
    battery=("", "Examen direct"),
    chapter=MICROBIOLOGY,
    strict_high=True,
)
GERM_COUNT = Analyte(
    "51480-2",
    "Numération des germes",
    "Bactérie [Nombre/Volume] Urine ; Numérique",
    "/mL",
    chapter=MICROBIOLOGY,
)

ANTIBIOTICS = {
    "Amoxicilline": "18861-5",
    "Amoxicilline + acide clavulanique": "18862-3",
    "Céfotaxime": "18886-2",
    "Gentamicine": "18928-2",
    "Ciprofloxacine": "18906-8",
    "Nitrofurantoïne": "18955-5",
    "Fosfomycine": "25596-8",
    "Triméthoprime + sulfaméthoxazole": "18998-5",
}

TOTAL_IGE = Analyte(
    "19113-0",
    "IgE totales",
    "Immunoglobuline E [Unités/Volume] Sérum/Plasma ; Numérique",
    "k[IU]/L",
    high="114",
    chapter=SEROLOGY,
)
TOXOPLASMA_IGG = Analyte(
    "8039-0",
    "Toxoplasmose, IgG",
    "Toxoplasma gondii Ac IgG [Unités/Volume] Sérum ; Numérique",
    "[IU]/mL",
    chapter=SEROLOGY,
)
HBS_ANTIBODY = Analyte(
    "16935-9",
    "Anticorps anti-HBs",
    "Virus de l’hépatite B, Ac anti-HBs [Unités/Volume] Sérum ; Numérique",
    "m[IU]/mL",
    low="10",
    chapter=SEROLOGY,
)

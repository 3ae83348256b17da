"""The identifiers of ebRIM as XDS uses them (IHE ITI TF-3 §4.2.5), and the tables of the ANS."""

from backend.domain.formats.xdm.values import Code

RIM = "urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0"
LCM = "urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0"
OBJECT = "urn:oasis:names:tc:ebxml-regrep:ObjectType:RegistryObject:"
APPROVED = "urn:oasis:names:tc:ebxml-regrep:StatusType:Approved"
HAS_MEMBER = "urn:oasis:names:tc:ebxml-regrep:AssociationType:HasMember"
REPLACES = "urn:ihe:iti:2007:AssociationType:RPLC"

STABLE_DOCUMENT = "urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1"
SUBMISSION_SET = "urn:uuid:a54d6aa5-d40d-43f9-88c5-b4633d873bdd"

AUTHOR = "urn:uuid:93606bcf-9494-43ec-9b4e-a7748d1a838d"
CLASS = "urn:uuid:41a5887f-8865-4c09-adf7-e362475b143a"
CONFIDENTIALITY = "urn:uuid:f4f85eac-e6cb-4883-b524-f2705394840f"
EVENT = "urn:uuid:2c6b8cb7-8b2a-4051-b291-b1ae6a575ef4"
FORMAT = "urn:uuid:a09d5840-386c-46f2-b5ad-9c3699a4309d"
FACILITY = "urn:uuid:f33fb8ac-18af-42cc-ae0e-ed0b0bdb91e1"
SETTING = "urn:uuid:cccf5598-8b07-4b77-a05e-ae952c785ead"
TYPE = "urn:uuid:f0306f51-975f-434e-a61c-c59651d33983"
PATIENT_ID = "urn:uuid:58a6f841-87b3-4a3e-92fd-a8ffeff98427"
UNIQUE_ID = "urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab"

SET_AUTHOR = "urn:uuid:a7058bb9-b4e4-4307-ba5b-e3f0ab85e12d"
SET_CONTENT_TYPE = "urn:uuid:aa543740-bdda-424e-8c96-df4873be8500"
SET_PATIENT_ID = "urn:uuid:6b5aea1a-874d-4603-a4bc-96a0a7b38446"
SET_UNIQUE_ID = "urn:uuid:96fdda7c-d067-4183-912e-bf5ee74998a8"
SET_SOURCE_ID = "urn:uuid:554ac39e-e3fe-47fe-b233-965d2a147832"

CLASSES = "1.2.250.1.213.1.1.4.1"
"""TRE_A03."""
REPORT = Code("10", CLASSES, "Compte rendu")
IMAGING = Code("31", CLASSES, "Imagerie médicale")
CERTIFICATE = Code("52", CLASSES, "Certificat, déclaration")
CLASS_OF_TYPE = {
    "11502-2": REPORT,
    "DOCPAT05": REPORT,
    "18748-4": IMAGING,
    "96173-0": CERTIFICATE,
}
"""ASS_X04, for the types that are deposited here."""

IHE_FORMATS = "1.3.6.1.4.1.19376.1.2.3"
ANS_FORMATS = "1.2.250.1.213.1.1.4.2.282"
FORMAT_OF_TEMPLATE = {
    "1.2.250.1.213.1.1.1.59": Code("urn:ans:ci-sis:trod:2024", ANS_FORMATS, "Compte rendu de TROD"),
    "1.3.6.1.4.1.19376.1.3.3": Code(
        "urn:ihe:lab:xd-lab:2008",
        IHE_FORMATS,
        "Compte rendu structuré d’examens de biologie médicale",
    ),
}
"""ASS_A11, the narrowest first."""
FORMAT_OF_BODY = {
    "application/pdf": Code(
        "urn:ihe:iti:xds-sd:pdf:2008", IHE_FORMATS, "Document à corps non structuré en PDF/A-1"
    ),
    "text/plain": Code(
        "urn:ihe:iti:xds-sd:text:2008", IHE_FORMATS, "Document à corps non structuré en texte brut"
    ),
}
NO_PROFILE = Code("urn:asipSante:modelesHorsProfils:2011", ANS_FORMATS, "Modèle hors profil")

NORMAL = Code("N", "2.16.840.1.113883.5.25", "Normal")
VISIBILITY = "1.2.250.1.213.1.1.4.13"
"""TRE_A07."""
MASKED = Code("MASQUE_PS", VISIBILITY, "Masqué aux professionnels de santé")
WITHHELD = Code("INVISIBLE_PATIENT", VISIBILITY, "Non visible par le patient")
HIDDEN = Code(
    "INVISIBLE_REPRESENTANTS_LEGAUX", VISIBILITY, "Non visible par les représentants légaux"
)

LABORATORY = Code("SA25", "1.2.250.1.71.4.2.4", "Laboratoire de biologie médicale")
AMBULATORY = Code("AMBULATOIRE", "1.2.250.1.213.1.1.4.9", "Ambulatoire")
"""Where the document does not say."""

ACTIVITIES = "1.2.250.1.213.2.2"
"""TRE_R209."""
ACTIVITY_OF_ENCOUNTER = {
    "IMP": Code("03", ACTIVITIES, "Hospitalisation"),
    "ACUTE": Code("03", ACTIVITIES, "Hospitalisation"),
}
OUTPATIENT = Code("07", ACTIVITIES, "Consultation")

"""Deposits in FHIR R4, as IHE MHD and the PDSm profile say: the same desk, the same receipts."""

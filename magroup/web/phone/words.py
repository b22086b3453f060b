"""What the pages on phones say, in English, German and French; each module of pages has its own beside these."""

from magroup.model.languages import Said

SELECT = Said("Select", "Auswahl", "Choisir")
SUBMIT = Said("Submit", "Senden", "Envoyer")
SAVE = Said("Save", "Sichern", "Enreg.")
EXIT = Said("Exit", "Ende", "Quitter")
BACK = Said("Back", "Zurück", "Retour")
UPDATE = Said("Update", "Neu", "Actual.")
CANCEL = Said("Cancel", "Abbruch", "Annuler")
YES = Said("Yes", "Ja", "Oui")
NO = Said("No", "Nein", "Non")
OK = Said("OK", "OK", "OK")
DELETE_LEFT = Said("<<", "<<", "<<")
PREVIOUS = Said("<<", "<<", "<<")
NEXT = Said(">>", ">>", ">>")
PBX_LINK_DOWN = Said("PBX link down", "Anlage gestört", "Central coupé")
"""Before the titles of all pages as long as it is so."""
PBX_NOT_SEEN = Said(
    "The link to the PBX is down.", "Verbindung zur Anlage gestört.", "Liaison au central coupée."
)  # fmt: skip
"""Fits into a prompt."""
ERROR = Said("Not possible", "Nicht möglich", "Impossible")
CALL = Said("Call", "Anruf", "Appel")
DONE = Said("Done", "Erledigt", "Terminé")
PRESS_SELECT = Said("Please choose", "Bitte wählen", "Veuillez choisir")
NOT_KNOWN = Said(
    "This phone is not known here, or does not ask from its own place. Your administrator can tell more.",
    "Dieses Telefon ist hier nicht bekannt oder fragt nicht von seinem Platz. Fragen Sie Ihren Administrator.",
    "Ce téléphone est inconnu ici ou ne demande pas depuis sa place. Demandez à votre administrateur.",
)
NO_USER = Said(
    "Nobody has the line of this phone.",
    "Niemand hat die Leitung dieses Telefons.",
    "Personne n'a la ligne de ce téléphone.",
)
NO_PAGE = Said("There is no such page.", "Diese Seite gibt es nicht.", "Cette page n'existe pas.")
WRONG_ENTRY = Said(
    "What was entered cannot be used.",
    "Die Eingabe geht so nicht.",
    "La saisie n'est pas utilisable.",
)
FAILED = Said(
    "Something went wrong here; it has been logged.",
    "Hier ging etwas schief; es wurde vermerkt.",
    "Une erreur s'est produite ; elle a été notée.",
)

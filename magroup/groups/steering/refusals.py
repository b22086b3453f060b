"""Why a command of a person is refused: a code, and one sentence in the person's language."""

from collections.abc import Mapping
from enum import Enum

from magroup.cti.errors import Failure
from magroup.model.languages import Language, Said


class Why(Enum):
    """The code for programs, and what people are told."""

    MALFORMED = (
        "invalid",
        Said("This is no command.", "Das ist kein Befehl.", "Ce n'est pas une commande."),
    )
    NO_NUMBER = (
        "invalid",
        Said(
            "{detail} is no phone number.",
            "{detail} ist keine Telefonnummer.",
            "{detail} n'est pas un numéro de téléphone.",
        ),
    )
    WRONG = ("invalid", Said("{detail}", "{detail}", "{detail}"))
    WRONG_MESSAGE = (
        "invalid",
        Said(
            "The message is too long, or has characters that cannot be shown.",
            "Der Text ist zu lang oder hat Zeichen, die sich nicht anzeigen lassen.",
            "Le message est trop long ou contient des caractères impossibles à afficher.",
        ),
    )
    NO_TARGET = (
        "invalid",
        Said("There is no such target.", "Dieses Ziel gibt es nicht.", "Cette destination n'existe pas."),
    )
    NO_VOICEMAIL = (
        "impossible",
        Said(
            "There is no voicemail number.",
            "Es gibt keine Mailboxnummer.",
            "Il n'y a pas de numéro de messagerie.",
        ),
    )
    NO_GROUP = (
        "gone",
        Said("There is no such group.", "Diese Gruppe gibt es nicht.", "Ce groupe n'existe pas."),
    )
    NO_MEMBER = (
        "gone",
        Said("There is no such member.", "Dieses Mitglied gibt es nicht.", "Ce membre n'existe pas."),
    )
    NO_MESSAGE = (
        "gone",
        Said("There is no such message.", "Diese Nachricht gibt es nicht.", "Ce message n'existe pas."),
    )
    GONE = (
        "gone",
        Said("The call is not there any more.", "Den Anruf gibt es nicht mehr.", "L'appel n'existe plus."),
    )
    FORBIDDEN = (
        "forbidden",
        Said("You may not do this.", "Das ist Ihnen nicht erlaubt.", "Vous n'y êtes pas autorisé."),
    )
    NOT_YOURS = (
        "forbidden",
        Said(
            "Only the calls of your own lines can be steered.",
            "Nur Anrufe der eigenen Leitungen lassen sich steuern.",
            "Seuls les appels de vos propres lignes peuvent être commandés.",
        ),
    )
    NO_LINE = (
        "impossible",
        Said("You have no phone line.", "Sie haben keine Telefonleitung.", "Vous n'avez pas de ligne."),
    )
    OUT_OF_SERVICE = (
        "impossible",
        Said("The phone is out of service.", "Das Telefon ist außer Betrieb.", "Le téléphone est hors service."),
    )
    NO_DESTINATION = (
        "impossible",
        Said(
            "This number cannot be called.",
            "Diese Nummer kann nicht angerufen werden.",
            "Ce numéro ne peut pas être appelé.",
        ),
    )
    DESTINATION_BUSY = ("impossible", Said("The line is busy.", "Die Leitung ist besetzt.", "La ligne est occupée."))
    STATE = (
        "impossible",
        Said(
            "This is not possible in the state of the call.",
            "Das ist im Zustand des Anrufs nicht möglich.",
            "Ce n'est pas possible dans l'état de l'appel.",
        ),
    )
    NO_CONSULTATION = (
        "impossible",
        Said(
            "There is no call on hold beside this one.",
            "Neben diesem Anruf wird keiner gehalten.",
            "Aucun appel n'est en attente à côté de celui-ci.",
        ),
    )
    NOT_SUPPORTED = (
        "impossible",
        Said(
            "The phone or the other end cannot do this.",
            "Das Telefon oder die Gegenstelle kann das nicht.",
            "Le téléphone ou le correspondant ne le permet pas.",
        ),
    )
    LINK_DOWN = (
        "impossible",
        Said(
            "The link to the PBX is down.",
            "Die Verbindung zur Telefonanlage ist unterbrochen.",
            "La liaison avec le central téléphonique est interrompue.",
        ),
    )
    FAILED = (
        "impossible",
        Said("This did not work.", "Das hat nicht funktioniert.", "Cela n'a pas fonctionné."),
    )
    NOT_SAVED = (
        "busy",
        Said(
            "It cannot be saved now. Try again later.",
            "Es kann jetzt nicht gespeichert werden. Versuchen Sie es später.",
            "L'enregistrement est impossible pour l'instant. Réessayez plus tard.",
        ),
    )
    IN_CHANGE = (
        "busy",
        Said(
            "The call is just changing. Try again.",
            "Der Anruf ändert sich gerade. Versuchen Sie es noch einmal.",
            "L'appel est en train de changer. Réessayez.",
        ),
    )
    BUSY = (
        "busy",
        Said(
            "Too many commands. Try again in a moment.",
            "Zu viele Befehle. Versuchen Sie es gleich noch einmal.",
            "Trop de commandes. Réessayez dans un instant.",
        ),
    )

    @property
    def code(self) -> str:
        code: str = self.value[0]
        return code

    @property
    def sentence(self) -> Said:
        sentence: Said = self.value[1]
        return sentence

    def said(self, language: Language, detail: str = "") -> str:
        return self.sentence.by(language).format(detail=detail)


class Refused(Exception):
    """A command is not done; ``words`` are those of a sentence that exists already in the person's language."""

    def __init__(self, why: Why, detail: str = "") -> None:
        super().__init__(why.said(Language.ENGLISH, detail))
        self.why = why
        self.detail = detail

    def words(self, language: Language) -> str:
        return self.why.said(language, self.detail)


BY_FAILURE: Mapping[Failure, Why] = {
    Failure.INVALID_CALLED_DEVICE: Why.NO_DESTINATION,
    Failure.INVALID_DESTINATION: Why.NO_DESTINATION,
    Failure.INVALID_CALLING_DEVICE: Why.NO_LINE,
    Failure.INVALID_DEVICE: Why.NO_LINE,
    Failure.INVALID_CALL: Why.GONE,
    Failure.INVALID_CONNECTION: Why.GONE,
    Failure.NO_CALL_TO_ANSWER: Why.STATE,
    Failure.INCORRECT_CONNECTION_STATE: Why.STATE,
    Failure.NO_ACTIVE_CALL: Why.STATE,
    Failure.NO_HELD_CALL: Why.NO_CONSULTATION,
    Failure.DEVICE_OUT_OF_SERVICE: Why.OUT_OF_SERVICE,
    Failure.DESTINATION_BUSY: Why.DESTINATION_BUSY,
    Failure.PRIVILEGE_VIOLATION: Why.FORBIDDEN,
    Failure.INVALID_PARAMETER: Why.NO_DESTINATION,
    Failure.RESOURCE_BUSY: Why.IN_CHANGE,
    Failure.LINK_DOWN: Why.LINK_DOWN,
    Failure.NOT_SUPPORTED: Why.NOT_SUPPORTED,
    Failure.GENERIC: Why.FAILED,
}
"""What the switch's refusals mean to people."""

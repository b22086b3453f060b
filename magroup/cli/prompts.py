"""What the voicemail says, by espeak-ng in each language; made with the other sounds (`magroup.cli.sounds`)."""

from collections.abc import Mapping

from magroup.model.languages import Language

VOICES: Mapping[Language, str] = {
    Language.ENGLISH: "en-us+f2",
    Language.GERMAN: "de+f2",
    Language.FRENCH: "fr+f2",
}

PROMPTS: Mapping[str, tuple[str, str, str]] = {
    "greeting": (
        "Nobody can take your call now. Please leave a message after the tone.",
        "Ihr Anruf kann gerade nicht angenommen werden. Bitte sprechen Sie nach dem Ton.",
        "Personne ne peut prendre votre appel. Laissez un message après le bip.",
    ),
    "full": (
        "This mailbox is full. Please call again later.",
        "Diese Mailbox ist voll. Bitte rufen Sie später wieder an.",
        "Cette messagerie est pleine. Veuillez rappeler plus tard.",
    ),
    "no_recording": (
        "Messages cannot be recorded at the moment. Please call again later.",
        "Zurzeit können keine Nachrichten aufgenommen werden. Bitte rufen Sie später wieder an.",
        "Aucun message ne peut être enregistré en ce moment. Veuillez rappeler plus tard.",
    ),
    "saved": ("Your message has been saved.", "Ihre Nachricht ist gespeichert.", "Votre message est enregistré."),
    "enter_box": (
        "Please enter the number of your mailbox, then the hash key.",
        "Bitte geben Sie die Nummer Ihrer Mailbox ein, dann die Rautetaste.",
        "Entrez le numéro de votre messagerie, puis la touche dièse.",
    ),
    "enter_pin": (
        "Please enter your PIN, then the hash key.",
        "Bitte geben Sie Ihre Geheimzahl ein, dann die Rautetaste.",
        "Entrez votre code secret, puis la touche dièse.",
    ),
    "wrong": ("That is not right.", "Das stimmt nicht.", "Ce n'est pas correct."),
    "try_later": ("Please try again later.", "Bitte versuchen Sie es später wieder.", "Veuillez réessayer plus tard."),
    "you_have": ("You have", "Sie haben", "Vous avez"),
    "new": ("new messages", "neue Nachrichten", "nouveaux messages"),
    "and": ("and", "und", "et"),
    "old": ("old messages", "alte Nachrichten", "anciens messages"),
    "none": ("You have no messages.", "Sie haben keine Nachrichten.", "Vous n'avez pas de message."),
    "from": ("Message from", "Nachricht von", "Message de"),
    "unknown": ("an unknown number", "einer unbekannten Nummer", "un numéro inconnu"),
    "today": ("today", "heute", "aujourd'hui"),
    "yesterday": ("yesterday", "gestern", "hier"),
    "before": ("received", "vor", "il y a"),
    "days": ("days ago", "Tagen", "jours"),
    "at": ("at", "um", "à"),
    "plus": ("plus", "plus", "plus"),
    "menu": (
        "To hear the message again, press 1. For the next, 2. To delete it, 3. For the one before, 4."
        " To record your greeting, 9. To hear this again, 0. To go back, star. To end, hash.",
        "Nachricht wiederholen: 1. Nächste: 2. Löschen: 3. Vorige: 4. Begrüßung aufnehmen: 9."
        " Auswahl wiederholen: 0. Zurück: Stern. Beenden: Raute.",
        "Pour réécouter le message, tapez 1. Pour le suivant, 2. Pour l'effacer, 3. Pour le précédent, 4."
        " Pour enregistrer votre annonce, 9. Pour répéter ce menu, 0. Pour revenir, étoile. Pour terminer, dièse.",
    ),
    "no_more": ("No more messages.", "Keine weiteren Nachrichten.", "Plus de messages."),
    "deleted": ("Deleted.", "Gelöscht.", "Effacé."),
    "record_greeting": (
        "Speak your greeting after the tone, then press star.",
        "Sprechen Sie Ihre Begrüßung nach dem Ton, dann drücken Sie Stern.",
        "Enregistrez votre annonce après le bip, puis tapez étoile.",
    ),
    "greeting_saved": (
        "Your greeting has been saved.", "Ihre Begrüßung ist gespeichert.", "Votre annonce est enregistrée.",
    ),
    "goodbye": ("Goodbye.", "Auf Wiederhören.", "Au revoir."),
    "0": ("zero", "null", "zéro"),
    "1": ("one", "eins", "un"),
    "2": ("two", "zwei", "deux"),
    "3": ("three", "drei", "trois"),
    "4": ("four", "vier", "quatre"),
    "5": ("five", "fünf", "cinq"),
    "6": ("six", "sechs", "six"),
    "7": ("seven", "sieben", "sept"),
    "8": ("eight", "acht", "huit"),
    "9": ("nine", "neun", "neuf"),
}  # fmt: skip
"""English, German, French."""

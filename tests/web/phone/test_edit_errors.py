"""Reasons why an edit is refused: in each language so short that they fit into a title."""

from twisted.trial.unittest import SynchronousTestCase

from magroup.groups.editing import EditError, Problem
from magroup.model.languages import Language, Said
from magroup.web.phone import edit_errors
from magroup.web.phone.edit_errors import reason
from magroup.web.phone.objects import TITLE
from magroup.web.phone.words import WRONG_ENTRY


class ReasonTests(SynchronousTestCase):
    def test_all_fit_into_a_title(self) -> None:
        said = [value for value in vars(edit_errors).values() if isinstance(value, Said)]
        said += [*edit_errors._REASONS.values(), *edit_errors._OTHERS.values(), WRONG_ENTRY]
        self.assertGreater(len(said), 30)
        for one in said:
            for language in Language:
                self.assertLessEqual(len(one.by(language)), TITLE, one)

    def test_the_pages_own_before_those_for_all(self) -> None:
        taken = EditError(Problem.TAKEN, "number", "1 is a line")
        self.assertEqual(reason(taken).english, "This number is taken")
        own = {(Problem.TAKEN, "number"): edit_errors.IN_GROUP}
        self.assertEqual(reason(taken, own).english, "Already in this group")
        self.assertEqual(reason(EditError(Problem.FULL, "x", "")).english, "There is no room for more")
        self.assertEqual(reason(EditError(Problem.NOT_HERE, "x", "It is elsewhere")).german, "It is elsewhere")

"""An operator's own password, changed by themselves (G5.4.2-1, G7.1.2).

Laws: the old password and a fresh code prove who asks, with the same back-off as at the
door of the console; the new one keeps the rule; every other session of theirs ends.
"""

from controller.services.office import Act, Office
from controller.services.passwords import PasswordFault, Passwords, password_faults
from controller.services.sessions import Session, end_others
from controller.services.sign_in import Refused, SignIn
from controller.store import operators as store
from domain.ids import CONTROLLER
from domain.operator_events import OperatorPasswordChanged


class OwnPassword:
    def __init__(self, office: Office, passwords: Passwords, sign_in: SignIn) -> None:
        self._office = office
        self._passwords = passwords
        self._sign_in = sign_in

    async def change(
        self, session: Session, old: str, code: str, new: str
    ) -> frozenset[PasswordFault] | Refused | None:
        """None: changed. The rule is looked at first, before a code is spent.

        Raises:
            Busy: too many at once.
        """
        operator = session.operator
        if faults := password_faults(new, (operator.id, operator.name)):
            return faults
        hashed = await self._passwords.hash(new)

        def then(act: Act) -> None:
            store.replace_password(act.connection, operator.id, hashed)
            act.say(
                OperatorPasswordChanged(
                    door=CONTROLLER, at=act.at, operator=operator.id
                )
            )
            end_others(act, session, "reset")

        return await self._sign_in.prove(operator.id, old, code, then)

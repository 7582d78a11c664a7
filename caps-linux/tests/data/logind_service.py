"""What the tests put on a private bus.

logind_service.py can SUSPEND HIBERNATE HYBRID_SLEEP
    is logind and answers these words; for `!` it raises an error, for `#` it answers a number
logind_service.py own NAME...
    owns these names and answers nothing

Prints `ready` once the names are owned. Ends with the bus, and after a minute in any case.
"""

import os
import sys

import dbus
import dbus.bus
import dbus.mainloop.glib
import dbus.service
from gi.repository import GLib

NAME = "org.freedesktop.login1"
MANAGER = "org.freedesktop.login1.Manager"


class Manager(dbus.service.Object):
    """The three questions."""

    def __init__(self, bus, words):
        super().__init__(bus, "/org/freedesktop/login1")
        self.suspend, self.hibernate, self.hybrid_sleep = words

    @dbus.service.method(MANAGER)
    def CanSuspend(self):
        return answer(self.suspend)

    @dbus.service.method(MANAGER)
    def CanHibernate(self):
        return answer(self.hibernate)

    @dbus.service.method(MANAGER)
    def CanHybridSleep(self):
        return answer(self.hybrid_sleep)


def answer(word):
    if word == "!":
        raise dbus.DBusException("not now", name="org.freedesktop.login1.NotNow")
    return dbus.UInt32(1) if word == "#" else word


def main(role, *words):
    dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
    address = os.environ.get("DBUS_STARTER_ADDRESS") or os.environ["DBUS_SESSION_BUS_ADDRESS"]
    bus = dbus.bus.BusConnection(address)
    loop = GLib.MainLoop()
    bus.call_on_disconnection(lambda _: loop.quit())
    if role == "can":
        manager = Manager(bus, words)
    for name in [NAME] if role == "can" else words:
        bus.request_name(name)
    print("ready", flush=True)
    GLib.timeout_add_seconds(60, loop.quit)
    loop.run()


main(*sys.argv[1:])

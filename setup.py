"""Packaging: the package, the plugin of twistd, and the files of resources/ and sounds/ as parts of the package.

With MAGROUP_COMPILE=1 in the environment the modules that every call goes through are compiled by mypyc.
"""

import atexit
import os
import re
import shutil
import sys
import tempfile
from pathlib import Path

from setuptools import find_packages, setup

HERE = Path(__file__).parent

# A build folder in the tree would keep modules and migrations that are long gone, and install them again.
BUILD = tempfile.mkdtemp(prefix="magroup-build-")
atexit.register(shutil.rmtree, BUILD, ignore_errors=True)

REQUIRED = [
    "Twisted[tls]>=24.3",
    "zope.interface>=6.0",
    "klein>=24.8",
    "autobahn>=24.4",
    "Werkzeug>=3.0",
    "Jinja2>=3.1",
    "MarkupSafe>=2.1.2",
    "markdown-it-py>=3.0",
    "prometheus-client>=0.20",
    "msgspec>=0.19",
    "txredisapi>=1.4.10",
    "SQLAlchemy>=2.0.30",
    "alembic>=1.13",
    "lxml>=5.0",
    "openpyxl>=3.1",
    "numpy>=1.26",
    "soundfile>=0.13",
    "Pillow>=10.1",
    "soxr>=0.5",
    "G722>=1.2.1",
    "attrs>=23.1",
    "automat>=24.8",
    "mypy-extensions>=1.0",
    "argon2-cffi>=23.1",
    "cryptography>=43",
    "pyOpenSSL>=24.1",
    "tomli-w>=1.0",
    "tzdata>=2024.1",
    "pygal>=3.0",
]

EXTRAS = {
    "postgresql": ["psycopg[binary]>=3.1.18"],
    "redis": [],
    "ldap": ["ldap3>=2.9"],
    "load": [],
}

COMPILE = os.environ.get("MAGROUP_COMPILE") == "1"
MYPY = "mypy>=2.4"

# What calls, registrations and subscriptions go through; the rest gains nothing, nor does most of what only has values.
# Where a class says that it is acyclic, the garbage collector does not look at what is made of it: nothing that it
# holds may lead back to it for longer than a timer runs.
COMPILED = {
    "": "keeping log polling steady_time",
    "cluster": "call_form others_calls own_calls",
    "cti": "events turns types",
    "groups": "application board call concern flow hearing journal member_states open_call ringtones"
    " unavailability",
    "model": "calls clock",
    "policy": "forwarding",
    "sip": "accept addresses auth bans bindings challenge change client_transaction connection connections contacts"
    " datagrams dialog digest edge endpoint errors event glance headers hop info invite limits message modify nonce"
    " notifier notify offer_answer overload ping prack publications refer refresh register registering resume sdp"
    " sdp_relay server_transaction session session_state shedding sockets stream stun subscription timers trace"
    " transaction transport uri usual waiting wire",
    "store": "text",
    "store/journal": "calendar lines taken values",
    "switch": "call calling change coming_back connect diversion forwarding guard identity lamps leg media outside"
    " phase pickup reaching redirection registrar ringing route_point services stand_in switch tracing transfer"
    " trunk_state trunks usual_registers",
    "uacsta": "client server sessions",
    "voicemail": "voicemail",
    "workers": "handing marks steering",
}
SOURCES = [str(Path("magroup", package, f"{name}.py")) for package, names in COMPILED.items() for name in names.split()]


def extensions():
    """What mypyc makes of the sources; it needs everything that they import to know the types."""
    # egg_info is what pip asks for setup_requires, before it installs them.
    if not COMPILE or sys.argv[1:2] == ["egg_info"]:
        return []
    from mypyc.build import mypycify

    made = mypycify(SOURCES, opt_level="2", group_name="magroup", target_dir=BUILD)
    for extension in made:
        # Its functions call each other straight, not by way of a table that others could change, and those of Python
        # without a jump from one to the next: a tenth less code that a message which comes alone has to fetch.
        extension.extra_compile_args = [*extension.extra_compile_args, "-fvisibility=hidden", "-fno-plt"]
    return made


# setuptools and wheel: a test builds the wheel without a network.
TEST = [
    "hypothesis>=6.100",
    "treq>=23.11",
    "ruff>=0.6",
    MYPY,
    "schemathesis>=4.1",
    "playwright>=1.48",
    "axe-playwright-python>=0.1.4",
    "sipvicious>=0.3.6",
    "PyYAML>=6.0",
    "setuptools>=77",
    "wheel>=0.43",
    *EXTRAS["postgresql"],
]

setup(
    name="magroup",
    version=re.search(r'^VERSION = "(.+)"$', (HERE / "magroup/version.py").read_text(), re.MULTILINE)[1],
    description="A manager/assistant telephony server: one number in front of a manager and the assistants",
    long_description=(HERE / "README.md").read_text("utf-8"),
    long_description_content_type="text/markdown",
    license="MIT",
    license_files=["LICENSE"],
    classifiers=[
        "Environment :: No Input/Output (Daemon)",
        "Framework :: Twisted",
        "Operating System :: POSIX :: Linux",
        "Programming Language :: Python :: 3 :: Only",
        "Topic :: Communications :: Internet Phone",
        "Topic :: Communications :: Telephony",
    ],
    python_requires=">=3.11",
    install_requires=REQUIRED,
    setup_requires=[MYPY, *REQUIRED] if COMPILE else [],
    ext_modules=extensions(),
    extras_require={**EXTRAS, "test": TEST},
    packages=[*find_packages(include=["magroup", "magroup.*"]), "magroup._resources", "magroup._sounds"],
    package_dir={"magroup._resources": "resources", "magroup._sounds": "sounds"},
    package_data={
        "magroup": ["**/*.mako", "py.typed"],
        "magroup._resources": ["**/*"],
        "magroup._sounds": ["**/*"],
    },
    # A module, not a package: twisted.plugins belongs to Twisted, which looks into every such folder.
    py_modules=["twisted.plugins.magroup_plugin"],
    zip_safe=False,
    options={"build": {"build_base": BUILD}},
)

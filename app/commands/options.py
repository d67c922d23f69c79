"""What `cabrank` takes on its command line. Nothing heavy is imported here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

ROLES = ("seeker", "employee", "supervisor", "operator")
WORKERS = ("discover", "match", "apply", "hooks")
PROCESSES = {
    "web": "the pages, the API and the sockets",
    "dispatcher": "assigns reviews to people",
    "relay": "carries committed events and frames out",
    "scheduler": "all periodic work",
    "embedder": "the one language model in memory",
    "practice": "the practice board: an employer's site to try bots on",
}
Commands = Any  # argparse keeps the type of add_subparsers' answer private


def add_commands(commands: Commands) -> None:
    """Add every command that exists."""
    up = commands.add_parser("up", help="everything: engines, migrations, demo data, every process")
    up.add_argument("--no-demo", action="store_true", help="no demo data, even in an empty database")
    up.set_defaults(run="up:up")
    for name, text in PROCESSES.items():
        process = commands.add_parser(name, help=text)
        process.set_defaults(run=f"serve:{name}")
        if name == "practice":
            process.add_argument("--recorded", type=Path, metavar="FOLDER", help="serve these recorded boards as well")
    worker = commands.add_parser("worker", help="background functions of one kind")
    worker.add_argument("name", choices=WORKERS)
    worker.set_defaults(run="serve:worker")
    commands.add_parser("migrate", help="bring the database to this version").set_defaults(run="database:migrate")
    _users(commands)
    _sources(commands)
    _scale(commands)
    _simulate(commands)
    commands.add_parser("doctor", help="check what a start needs").set_defaults(run="doctor:doctor")
    bench = commands.add_parser("bench", help="measure, and print what was measured")
    bench.add_argument("name")
    bench.add_argument("--json", action="store_true", help="one JSON object on stdout")
    bench.set_defaults(run="bench:bench")


def _users(commands: Commands) -> None:
    users = commands.add_parser("users", help="people who sign in").add_subparsers(metavar="ACTION", required=True)
    add = users.add_parser("add", help="add one; without --password-stdin a password is made and printed once")
    add.add_argument("email")
    add.add_argument("--role", required=True, choices=ROLES)
    add.add_argument("--name")
    add.add_argument("--password-stdin", action="store_true", help="read the password from the first line of stdin")
    add.set_defaults(run="users:add")
    users.add_parser("list", help="all of them").set_defaults(run="users:list_")
    change = users.add_parser("set-password", help="give one a new password and end their sessions")
    change.add_argument("email")
    change.add_argument("--password-stdin", action="store_true", help="read the password from the first line of stdin")
    change.set_defaults(run="users:set_password")


def _sources(commands: Commands) -> None:
    sources = commands.add_parser("sources", help="boards to watch").add_subparsers(metavar="ACTION", required=True)
    add = sources.add_parser("add", help="watch one more board")
    add.add_argument("kind", choices=("greenhouse", "lever", "ashby"))
    add.add_argument("token", help="the board's name in its address")
    add.add_argument("--name", help="what to call it (default: its token)")
    add.add_argument("--base-url", help="another address of the same API (default: the portal's own)")
    add.add_argument("--interval", type=int, default=300, metavar="SECONDS", help="between two looks (default: 300)")
    add.set_defaults(run="sources:add")
    sources.add_parser("list", help="all of them, with their last look").set_defaults(run="sources:list_")
    run = sources.add_parser("run", help="fetch one now")
    run.add_argument("source", help="its id, token or name")
    run.set_defaults(run="sources:run")


def _scale(commands: Commands) -> None:
    scale = commands.add_parser("scale", help="what makes a score a chance").add_subparsers(
        metavar="ACTION", required=True
    )
    scale.add_parser("list", help="all of them, before and after").set_defaults(run="scale:list_")
    use = scale.add_parser("use", help="put one in force; everything is scored anew")
    use.add_argument("version")
    use.set_defaults(run="scale:use")
    scale.add_parser("refit", help="learn one now, kept only where it is better").set_defaults(run="scale:refit")


# What describes an imagined day; a recorded one says these itself.
IMAGINED: dict[str, Any] = {
    "reviews": "60/h",
    "hours": 8.0,
    "minutes": "4,8",
    "strategy": "round_robin",
    "misses": 0.01,
    "declines": 0.02,
    "undelivered": 0.002,
    "disconnections": 0.1,
}


def _simulate(commands: Commands) -> None:
    day = commands.add_parser("simulate", help="imagine a day or live a recorded one again; size a shift")
    day.add_argument("--people", type=int, metavar="N", help="there all the time (default: 10)")
    day.add_argument("--shift", action="append", metavar="N@FROM-TO", help="so many from hour to hour; may be repeated")
    day.add_argument("--reviews", metavar="N|N/h|N,N,…/h", help="in all, or an hour (default: 60/h)")
    day.add_argument("--hours", type=float, metavar="H", help="how long the day is (default: 8)")
    day.add_argument("--minutes", metavar="SMALL,LARGE", help="of work, on average (default: 4,8)")
    day.add_argument("--capacity", type=int, default=1, metavar="N", help="reviews a person holds at once (default: 1)")
    day.add_argument("--strategy", choices=("round_robin", "least_loaded"))
    day.add_argument("--misses", type=float, metavar="SHARE", help="never finished (default: 0.01)")
    day.add_argument("--declines", type=float, metavar="SHARE", help="sent back (default: 0.02)")
    day.add_argument("--undelivered", type=float, metavar="SHARE", help="never arrive (default: 0.002)")
    day.add_argument("--disconnections", type=float, metavar="RATE", help="an hour (default: 0.1)")
    day.add_argument("--from", dest="start", metavar="TIME", help="live the recorded time from here through again …")
    day.add_argument("--to", dest="end", metavar="TIME", help="… up to here; --people takes its people's place")
    day.add_argument("--seed", type=int, default=1, metavar="N", help="the same seed is the same day (default: 1)")
    day.add_argument("--target", metavar="TEXT", help='size the shift: "90%% within 60 s" or "95%% in time"')
    day.add_argument("--seeds", type=int, default=3, metavar="N", help="days that must meet the target (default: 3)")
    day.add_argument("--json", action="store_true", help="one JSON object on stdout")
    day.set_defaults(run="simulate:simulate")

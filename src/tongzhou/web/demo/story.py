"""The story of January 2023 as data: dates, quantities, names. What is public is a fact with its
source in docs/demo.md; what is not public is made up here, and is marked as made up wherever it is
shown.

Never an input: how many units a province got. That is computed and then compared.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone

CHINA = timezone(timedelta(hours=8))

# Facts: purchasing since 5 January, announced on the 7th, 1,172,000 units in four batches by the
# 11th, basically in place on the 16th; 11 producers; 31 provinces and XPCC; RMB 125 million.
OPENED = date(2023, 1, 5)
DEADLINE = date(2023, 1, 16)
DONATION_FEN = 125_000_000_00
UNITS = 1_172_000
UNITS_A_CLINIC = 2
CARTON_UNITS = 100
SEED = "tongzhou-2023-01-05"

# Where the demonstration stands: the evening of the 13th, three days before the deadline.
NOW = datetime(2023, 1, 13, 18, 0, tzinfo=CHINA)

# The reported number for Gansu, shown beside the computed one and used nowhere else.
GANSU = "62"
GANSU_REPORTED = 32_480
GANSU_SOURCE = "http://o62nequ.cn/Home/2023/0111/111488.html"


@dataclass(frozen=True, slots=True)
class Batch:
    """Goods that became ready together. `directed`: codes of the provinces it may go to."""

    number: int
    ready: datetime
    units: int
    directed: tuple[str, ...] = ()


def _at(day: int, hour: int) -> datetime:
    return datetime(2023, 1, day, hour, 0, tzinfo=CHINA)


# Four batches and their total are facts, and so is that the second went to eleven provinces, six
# of them by name (14, 15, 22, 46, 51, 53). The split by batch and the other five provinces are
# made up.
DIRECTED = ("14", "15", "22", "46", "51", "53", "21", "23", "45", "52", "63")
BATCHES = (
    Batch(1, _at(6, 20), 300_000),
    Batch(2, _at(7, 18), 260_000, DIRECTED),
    Batch(3, _at(9, 18), 330_000),
    Batch(4, _at(11, 12), 282_000),
)


@dataclass(frozen=True, slots=True)
class Producer:
    """One of eleven producers, made up: its dock stands in the first county of a prefecture."""

    code: str
    name: str
    name_en: str
    prefecture: str
    share: int
    price_fen: int


# Shares are parts of each batch (in sum 100); prices are made up, below the donation in sum.
PRODUCERS = (
    Producer("p01", "演示一厂", "Demo Works One", "320400", 14, 105_00),
    Producer("p02", "演示二厂", "Demo Works Two", "440300", 13, 108_00),
    Producer("p03", "演示三厂", "Demo Works Three", "130300", 11, 99_00),
    Producer("p04", "演示四厂", "Demo Works Four", "320500", 10, 107_00),
    Producer("p05", "演示五厂", "Demo Works Five", "440100", 10, 104_00),
    Producer("p06", "演示六厂", "Demo Works Six", "330100", 9, 110_00),
    Producer("p07", "演示七厂", "Demo Works Seven", "370200", 8, 101_00),
    Producer("p08", "演示八厂", "Demo Works Eight", "420100", 8, 103_00),
    Producer("p09", "演示九厂", "Demo Works Nine", "510100", 7, 106_00),
    Producer("p10", "演示十厂", "Demo Works Ten", "430100", 6, 100_00),
    Producer("p11", "演示十一厂", "Demo Works Eleven", "610100", 4, 102_00),
)


def units_of(batch: Batch) -> dict[str, int]:
    """Units of each producer in a batch, whole cartons; the last producer takes the remainder."""
    shares = {
        producer.code: batch.units * producer.share // 100 // CARTON_UNITS * CARTON_UNITS
        for producer in PRODUCERS
    }
    shares[PRODUCERS[0].code] += batch.units - sum(shares.values())
    return shares


@dataclass(frozen=True, slots=True)
class Person:
    """One sign-in of the demonstration: a role held at a division."""

    email: str
    name: str
    role: str
    division: str
    organisation: str = ""


PASSWORD = "tongzhou-demo-2023"  # noqa: S105 - printed on the demonstration's first page
PEOPLE = (
    Person("coordinator@demo.example", "演示协调员", "coordinator", "cn"),
    Person("reviewer@demo.example", "演示审核员", "reviewer", "cn"),
    Person("province@demo.example", "演示省级协调员", "coordinator", GANSU),
    Person("county@demo.example", "演示县级专员", "county_officer", "620102"),
    Person("late@demo.example", "演示迟到县专员", "county_officer", "621226"),
    Person("carrier@demo.example", "演示承运人", "carrier", "cn", "carrier-1"),
    Person("donor@demo.example", "演示捐赠方", "partner", "cn", "donor-1"),
    Person("auditor@demo.example", "演示审计员", "auditor", "cn"),
    Person("clinician@demo.example", "演示临床医生", "clinician", "cn"),
    Person("admin@demo.example", "演示管理员", "administrator", "cn"),
)

# A mountain county of Gansu for which nothing has left the hub: seen before the deadline.
LATE_COUNTY = "621226"
# Its road is closed by snow, as the hub says; a day and two more from then is past the deadline.
ROAD_OPENS = date(2023, 1, 15)

# Days from dock to hub by the distance between their provinces, and from hub to depot. Estimates.
DAYS_TO_HUB = (1, 2, 3)
DAYS_TO_DEPOT = 1

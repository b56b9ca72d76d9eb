"""Sizes beyond which the engine refuses, so that a wrong file ends in a sentence."""

MAX_NODES = 2_000_000
MAX_NEEDS = 10_000_000
MAX_ITEMS = 200
MAX_WAVES = 200
MAX_SUPPLY_ROWS = 100_000
MAX_DEPTH = 32
MAX_UNITS = 10**10  # of one item at one node or in one supply row
MAX_WEIGHT = 1e12
MIN_WEIGHT = 1e-12  # below it, other than 0, keys would leave the range of a double
MAX_DAY = 3_650
MAX_DROPS = 16_000_000  # ranked drops of one item: about 0.8 GB while it is sorted
MAX_ID_LENGTH = 100
MAX_FILE_BYTES = 2 * 1024**3
MAX_FAULTS_SHOWN = 20
MAX_STOPS = 5_000  # of one depot: the matrix is then 100 MB
MAX_VEHICLES = 20  # kinds of vehicle of one depot
MAX_DISTANCE = 100_000_000  # of one leg; a route of all stops stays far below 2**60
MAX_TIME_S = 366 * 86_400

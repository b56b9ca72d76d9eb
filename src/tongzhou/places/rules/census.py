"""People aged 65 and over by province at the census of 1 November 2020.

Population of each province (communique no. 3) times its share of people aged 65 and over
(communique no. 5), both of the Seventh National Population Census, National Bureau of Statistics of
China, 11 May 2021. Rounded to persons.
"""

SOURCE_NAME = "Seventh National Population Census of China, communiques no. 3 and no. 5"
SOURCE_AS_OF = "2020-11-01"

PEOPLE65 = {
    "11": 2_911_782,
    "12": 2_045_236,
    "13": 10_385_745,
    "14": 4_504_114,
    "15": 3_138_415,
    "21": 7_419_423,
    "22": 3_757_866,
    "23": 4_971_799,
    "31": 4_048_982,
    "32": 13_729_179,
    "33": 8_568_119,
    "34": 9_160_178,
    "35": 4_610_950,
    "36": 5_372_929,
    "37": 15_361_104,
    "41": 13_404_409,
    "42": 8_426_098,
    "43": 9_840_484,
    "44": 10_811_873,
    "45": 6_115_470,
    "46": 1_051_472,
    "50": 5_474_850,
    "51": 14_166_155,
    "52": 4_457_784,
    "53": 5_074_997,
    "54": 206_847,
    "61": 5_265_263,
    "62": 3_147_495,
    "63": 514_199,
    "64": 692_895,
    "65": 2_006_142,
}

"""The names and signs of currencies, with their ISO 4217 codes; 元 alone keeps its own name."""

YUAN = "元"
"""The currency of an amount in 元 without more: whose it is, the text around it says."""

CALLED_YUAN = frozenset({YUAN, "CNY", "TWD", "HKD", "MOP"})
"""Currencies whose amounts a Chinese text may give in plain 元."""

_NAMES = {
    "CNY": "人民币",
    "TWD": "新台币 台币",
    "HKD": "港元 港币 港圆",
    "MOP": "澳门元 澳门币",
    "USD": "美元 美金",
    "EUR": "欧元",
    "JPY": "日元 日圆 日币",
    "GBP": "英镑",
    "KRW": "韩元 韩圆 韩币",
    "AUD": "澳元 澳币 澳大利亚元",
    "NZD": "新西兰元 纽元 纽币",
    "CAD": "加元 加币 加拿大元",
    "SGD": "新元 新加坡元 新币 坡币",
    "RUB": "卢布",
    "INR": "卢比",
    "CHF": "瑞士法郎 瑞郎",
    "THB": "泰铢",
    "VND": "越南盾",
    "IDR": "印尼盾 印尼卢比",
    "MYR": "林吉特 令吉 马币",
    "PHP": "菲律宾比索",
    "BRL": "雷亚尔",
    "TRY": "里拉",
    "ZAR": "兰特",
    "AED": "迪拉姆",
    "SAR": "里亚尔",
    "SEK": "瑞典克朗",
    "NOK": "挪威克朗",
    "DKK": "丹麦克朗",
    "PLN": "兹罗提",
    "HUF": "福林",
    "UAH": "格里夫纳",
    "XBT": "比特币",
}
_SIGNS = {
    "US$": "USD",
    "HK$": "HKD",
    "NT$": "TWD",
    "A$": "AUD",
    "C$": "CAD",
    "S$": "SGD",
    "$": "USD",
    "¥": YUAN,
    "€": "EUR",
    "£": "GBP",
    "RMB": "CNY",
}
_CODES = {code: code for code in _NAMES if code not in ("TRY", "PHP")}
_BY_NAME = {name: code for code, names in _NAMES.items() for name in names.split()}

SUFFIXES = {
    YUAN: YUAN,
    "块钱": YUAN,
    **_BY_NAME,
    **_CODES,
    **{f"{YUAN}{name}": code for name, code in _BY_NAME.items() if code in CALLED_YUAN},
    **{f"{YUAN}({name})": code for name, code in _BY_NAME.items() if code in CALLED_YUAN},
    **{f"{YUAN}（{name}）": code for name, code in _BY_NAME.items() if code in CALLED_YUAN},
}
"""What may follow a number: 500万美元, 3000万元人民币, 500 USD."""

PREFIXES = {
    **{name: code for name, code in _BY_NAME.items() if code in CALLED_YUAN},
    **_SIGNS,
    **_CODES,
}
"""What may precede a number: 人民币500万元, US$500万."""

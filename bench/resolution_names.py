"""Names for measuring matching: a register of invented names, and the same names as people write them.

Every word here stands here only: neither the lists of the product (places, trades, legal forms, shapes) nor its readings
are used, so that what the product knows is not what the noise was made from. Numbers behind the mix: of the names that did
not agree in a real look-up most were typing errors and variants; suffixes and lengths follow a count over 227,000 names.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

PROVINCE = "沧澜省"
CITIES = ["澜州", "云栖", "青泽", "东屿", "南陵", "北泉", "玉屏", "金塘", "石浦", "临沅", "宁原", "广坪"]
COUNTIES = [
    "望江",
    "白石",
    "龙溪",
    "新塘",
    "清河",
    "双桥",
    "太平",
    "长岭",
    "花园",
    "梅林",
    "沙湾",
    "柳林",
    "枫桥",
    "松坪",
]
FIRST = (
    "华金新天大中海东方国盛美安宏鑫源德兴和信泰达瑞丰恒康龙博鼎佳成利通明远诚辉建富平永顺益创众联嘉润万广亚科亿旺隆祥"
    "福宝裕正昌元星凯力洋腾飞睿智云尚雅艺景园林森泉溪河湖江山峰岭松柏竹梅兰菊荷莲春夏秋冬晨曦朝阳晓月穗禾麦稻粟谷棉"
    "丝绸锦绣珍珠玉石翠青蓝紫红白黑银铜铁钢木水火土风雷电雨雪霜露虹仁义礼廉孝忠勇毅坚卓越超群英杰俊才贤良优胜捷迅速"
    "启航帆舟船港湾岛屿洲滨沿岸堤坝桥梁路途程驰骋奔驹骏马虎豹狮象鹰雁鹤凤凰鹏燕雀蜂蝶鲲鲸鲤鳌龟麟瑾瑜琪琳琅璐璋璞"
    "珂玲珊瑚琥珀碧琼莹晶钰铭锐锋钧铸鑫钛镁铂汇聚融合贯穿连接承载传递耀灿烂煌炜烨焕炎灵犀慧敏颖聪悟觉知行思哲理"
)
SECOND = FIRST + "尔克特斯莱诺維森雷迪欧奥亨宾伦顿蒙罗维纳伯利柯塔拉菲比邦登堡贝洛卡帕萨"
FIELDS = [
    "电子", "机电", "机械设备", "建筑工程", "食品", "纺织", "化工", "商贸", "贸易", "科技", "信息技术", "网络科技", "物流",
    "运输", "餐饮管理", "文化传媒", "广告", "装饰工程", "农业发展", "环保科技", "服装", "家具", "汽车销售", "物业管理", "投资管理",
    "医疗器械", "教育咨询", "进出口", "电气设备", "建材", "塑料制品", "金属制品", "包装材料", "生物科技", "新能源", "自动化设备",
    "仪器仪表", "五金制品", "玻璃制品", "水产品加工", "粮油", "茶叶", "种子", "园林绿化", "市政工程", "劳务", "人力资源", "会计服务",
    "软件", "智能装备", "模具", "轴承", "阀门", "电缆", "照明", "印刷", "造纸", "橡胶", "陶瓷", "水泥", "石材", "木业", "药业",
]  # fmt: skip
SUFFIXES = [
    ("有限公司", 576), ("有限责任公司", 97), ("厂", 46), ("有限公司分公司", 45), ("专业合作社", 38), ("公司", 32), ("经营部", 31),
    ("商行", 28), ("商店", 20), ("加油站", 12), ("股份有限公司", 6), ("集团有限公司", 6), ("中心", 20), ("事务所", 5),
]  # fmt: skip
MORE = ["制造", "配件", "加工", "科技", "销售", "发展", "设备", "材料", "实业", "服务"]
ALIKE = [
    "华化骅桦", "金锦晋津", "新鑫欣馨昕", "天添甜", "盛圣胜晟", "宏红鸿洪弘", "源原元园缘", "德得", "兴星行", "和合荷禾河", "信鑫",
    "泰太", "达大", "瑞锐睿", "丰峰锋枫风", "恒亨横", "康糠", "龙隆", "博搏伯", "鼎顶", "佳嘉加家", "成诚城程承", "利立力丽", "通同",
    "明铭鸣", "远源", "辉晖徽", "建健", "富福", "永勇泳", "顺舜", "益亿易毅艺", "创闯", "联莲连", "润闰", "万晚", "亚雅", "科克可",
    "旺汪", "祥翔详", "裕玉育誉", "正政", "昌长", "凯恺", "洋阳扬", "腾藤", "飞菲", "智志致", "云芸", "尚上", "景锦", "林琳霖", "森深",
    "泉全", "江姜", "山杉", "松淞", "晨辰", "晓小", "青清晴", "蓝兰", "英鹰", "杰捷", "优友", "启起", "程成", "鹏朋", "铭明", "钧均",
    "汇惠会", "融荣", "商尚", "贸茂", "工公", "电店", "食石", "品拼", "设社", "备被", "程呈", "技计", "务物", "材才", "装妆", "饰式",
]  # fmt: skip
"""Characters that an input method offers for one sound: typing slips are made among them."""
LIKE = [
    "大太",
    "土士",
    "千干",
    "未末",
    "己已",
    "田由",
    "天夭",
    "人入",
    "日目",
    "白百",
    "乌鸟",
    "石右",
    "午牛",
    "木本",
    "今令",
    "兰三",
    "免兔",
    "住往",
    "候侯",
    "钢纲",
    "扬杨",
    "晴睛",
    "营管",
    "拔拨",
]
OLD = dict(
    zip(
        "华东国电业贸发设备车农产机环装饰实联广万丰兴龙凤云马鱼鸟风飞长门开关阳阴达远运进连铁银钢锦绣丽贝财货质购资医药园园图书画乐礼仪气热节灯炉烟",
        "華東國電業貿發設備車農產機環裝飾實聯廣萬豐興龍鳳雲馬魚鳥風飛長門開關陽陰達遠運進連鐵銀鋼錦繡麗貝財貨質購資醫藥園園圖書畫樂禮儀氣熱節燈爐煙",
        strict=True,
    )
)


@dataclass(frozen=True)
class Asked:
    """A name as written, the number of the name that was meant (None: it is not in the register), and what was done."""

    text: str
    meant: int | None
    how: str


def register(count: int, seed: int = 1) -> list[str]:
    """``count`` different names; seven in ten begin with the same city, as in a city's own register.

    Of one place no two bear the same brand in the same trade, branches excepted: no registrar may enter the second
    (企业名称登记管理规定, article 17).
    """
    pick = random.Random(seed)
    ends, weights = zip(*SUFFIXES, strict=True)
    found: dict[str, None] = {}
    borne: set[tuple[str, str, str]] = set()
    while len(found) < count:
        for end in pick.choices(ends, weights, k=count - len(found)):
            name, bearer = _name(pick, end)
            if bearer not in borne:
                found[name] = None
                if bearer:
                    borne.add(bearer)
    return list(found)


def _name(pick: random.Random, end: str) -> tuple[str, tuple[str, str, str] | None]:
    """A name, and the city, brand and trade that it alone may bear; None for a branch."""
    city = CITIES[0] if pick.random() < 0.7 else pick.choice(CITIES)
    county = pick.choice(COUNTIES) + pick.choice(["县", "区", "市", ""]) if pick.random() < 0.2 else ""
    place = city + ("市" if pick.random() < 0.5 or county else "") + county
    brand = pick.choice(FIRST) + "".join(pick.choices(SECOND, k=pick.choice((1, 1, 1, 1, 2, 2, 3))))
    if pick.random() < 0.02:
        brand = "第" + pick.choice("一二三四五六七八九十")
    field = pick.choice(FIELDS)
    if end == "有限公司分公司":
        return f"{place}{brand}{field}有限公司{pick.choice(COUNTIES)}分公司", None
    name = f"{brand}{field}（{place}）{end}" if pick.random() < 0.04 else f"{place}{brand}{field}{end}"
    return name, (place.removeprefix(city).removeprefix("市")[:2] + city, brand, field)


def written(names: Sequence[str], count: int, seed: int, absent: Sequence[str] = ()) -> list[Asked]:
    """``count`` names as people write them: each with one slip or variant at least, a fifth with two.

    ``absent`` are names of nobody in the register; they are asked for as well and must not be found.
    """
    pick = random.Random(seed)
    ways, weights = zip(*((way, weight) for way, weight in WAYS.items()), strict=True)
    found = []
    for name in absent:
        way = pick.choices(ways, weights)[0]
        found.append(Asked(_changed(pick, name, way), None, "absent"))
    for meant in pick.sample(range(len(names)), count - len(absent)):
        chosen = pick.choices(ways, weights)[:1]
        chosen += pick.choices(ways, weights) if pick.random() < 0.2 else []
        text = names[meant]
        for way in chosen:
            text = _changed(pick, text, way)
        found.append(Asked(text, meant, "+".join(sorted({way.__name__.strip("_") for way in chosen}))))
    pick.shuffle(found)
    return found


Way = Callable[[random.Random, str], str]


def _changed(pick: random.Random, text: str, way: Way) -> str:
    """The text changed in this way; where the way does not apply (nothing to drop), a slip of sound."""
    changed = way(pick, text)
    return changed if changed != text else _substituted(pick, text)


def _sound(pick: random.Random, text: str) -> str:
    return _from_groups(pick, text, ALIKE)


def _shape(pick: random.Random, text: str) -> str:
    return _from_groups(pick, text, LIKE)


def _from_groups(pick: random.Random, text: str, groups: Sequence[str]) -> str:
    places = [(at, group) for at, char in enumerate(text) for group in groups if char in group]
    if not places:
        return text
    at, group = pick.choice(places)
    return text[:at] + pick.choice([char for char in group if char != text[at]]) + text[at + 1 :]


def _substituted(pick: random.Random, text: str) -> str:
    at = pick.randrange(len(text))
    return text[:at] + pick.choice(FIRST) + text[at + 1 :]


def _left_out(pick: random.Random, text: str) -> str:
    at = pick.randrange(len(text))
    return text[:at] + text[at + 1 :]


def _added(pick: random.Random, text: str) -> str:
    at = pick.randrange(len(text))
    return text[:at] + pick.choice(FIRST) + text[at:]


def _doubled(pick: random.Random, text: str) -> str:
    at = pick.randrange(len(text))
    return text[:at] + text[at] + text[at:]


def _exchanged(pick: random.Random, text: str) -> str:
    at = pick.randrange(len(text) - 1)
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def _without_place(pick: random.Random, text: str) -> str:
    for city in CITIES:
        text = text.removeprefix(city).removeprefix("市") if text.startswith(city) else text
    return text


def _with_province(pick: random.Random, text: str) -> str:
    return PROVINCE + text


def _with_city_mark(pick: random.Random, text: str) -> str:
    for city in CITIES:
        if text.startswith(city):
            rest = text.removeprefix(city)
            return city + (rest.removeprefix("市") if rest.startswith("市") else "市" + rest)
    return text


def _other_form(pick: random.Random, text: str) -> str:
    if "有限责任公司" in text:
        return text.replace("有限责任公司", "有限公司")
    return text.replace("有限公司", pick.choice(["有限责任公司", "公司"]), 1)


def _without_form(pick: random.Random, text: str) -> str:
    for form in ("股份有限公司", "有限责任公司", "有限公司", "公司"):
        if text.endswith(form):
            return text.removesuffix(form)
    return text


def _other_brackets(pick: random.Random, text: str) -> str:
    return text.translate(str.maketrans("（）", pick.choice(["()", "〔〕", "  "]))) if "（" in text else text


def _traditional(pick: random.Random, text: str) -> str:
    return "".join(OLD.get(char, char) for char in text)


def _other_field(pick: random.Random, text: str) -> str:
    found = [field for field in FIELDS if field in text]
    if not found:
        return text
    field = max(found, key=len)
    return text.replace(field, pick.choice([field + pick.choice(MORE), field + pick.choice(MORE), field[:2]]), 1)


def _blanks(pick: random.Random, text: str) -> str:
    at = pick.randrange(1, len(text))
    return text[:at] + pick.choice([" ", "\u3000", "\u200b", "·", "、", "*"]) + text[at:]


def _numerals(pick: random.Random, text: str) -> str:
    return text.translate(str.maketrans("一二三四五六七八九", pick.choice(["123456789", "壹贰叁肆伍陆柒捌玖"])))


WAYS: dict[Way, int] = {
    _with_city_mark: 18, _sound: 16, _other_field: 14, _other_form: 10, _substituted: 7, _left_out: 7, _without_place: 6,
    _with_province: 4, _blanks: 4, _other_brackets: 3, _without_form: 3, _shape: 3, _added: 3, _exchanged: 3, _doubled: 2,
    _traditional: 2, _numerals: 1,
}  # fmt: skip
"""How often each: as counted where names of a real look-up differ from the register's and are no former names (161 of
1,679): 市 or 县 left out or added a fifth, one sound a sixth, another word of trade a seventh, another form a tenth."""

"""
The letters of names and companies, by which a guess at a character set is proven or rejected.

The letters within each alphabet are ordered by how common they are. The characters of Chinese, Japanese and Korean are
those of common family names, given names, companies and titles.
"""

ALPHABETS = {
    "Cyrillic": "аоиенрвтсклмдуяпгыьзбчйхшцжющэфъёіїєґў",
    "Greek": "αοιςντησερπκμλυγδθχφβωίάόέήύζξψώϊΐϋ",
    "Hebrew": "יולהארמנבשדתקחפעםצטןגכזסךףץ",
    "Arabic": "ايلمنرحدعبتسيفهةكقأشجزطوصخإئىذضغثءظؤآ",
    "Thai": "านรยกมสวลงดปิพัตชคศ์ีทไบหุข์อเณะจู่แษโธำ้ภึใญผฤฟซฉฐ็ฒืถฎฑฏ",
}
"""Lower-case letters by script; the script's name begins their Unicode names."""

LANGUAGE_LETTERS = {
    "cp1252": {
        "German": "äöüß",
        "French": "àâæçéèêëîïôùûüÿœ",
        "Spanish": "áéíñóúü",
        "Portuguese": "ãáâàçéêíóôõúü",
        "Italian": "àèéìíòóù",
        "Danish, Norwegian": "æøåéöüä",
        "Swedish": "åäöéü",
        "Icelandic": "áðéíóúýþæö",
        "Dutch": "áéèëïíóöü",
        "Catalan": "àçèéíïòóúü·",
        "Irish": "áéíóú",
        "Welsh": "àèìòùâêîôûŵŷ",
        "Finnish": "äöå",
    },
    "cp1250": {
        "Czech": "áčďéěíňóřšťúůýžöü",
        "Slovak": "áäčďéíĺľňóôŕšťúýžöü",
        "Polish": "ąćęłńóśźżü",
        "Hungarian": "áéíóöőúüű",
        "Romanian": "ăâîşţ",
        "Croatian, Serbian, Bosnian": "čćđšž",
        "Slovenian": "čšž",
        # Serbian names beside Hungarian ones, as in Vojvodina.
        "Serbian and Hungarian": "čćšžđáéóöüő",
    },
    "cp1254": {"Turkish": "çğıöşüâîi̇"},
    "mac_roman": {
        "German": "äöüß",
        "French": "àâçéèêëîïôùûüÿ",
        "Spanish": "áéíñóúü",
        "Portuguese": "ãáâàçéêíóôõú",
        "Italian": "àèéìòù",
        "Danish, Norwegian": "æøåéü",
        "Swedish": "åäöéü",
    },
}
"""By character set for Latin letters: the letters beyond ASCII of each language that is written in it."""

SIMPLIFIED_CHINESE = set(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林郑谢罗梁宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟"
    "谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤欧阳诸葛司上官伟芳娜秀英敏"
    "静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂文辉玲红建国华志海峰晓东梅雪琴云飞鹏斌波宁欣宇浩然子涵梓轩雨佳怡思琪嘉诗婷春生成永"
    "新利清立和天一诚俊雅慧颖莉淑珍凤洁荣爱玉萍月瑞凡丹妍秋珊锦青倩瑾露瑶雁仪荷蓉君薇梦岚馨悦冰羽希育竹鑫彬富顺信昌康星光达"
    "安岩中茂进有坚博先敬震振会群豪心邦承乐绍功松善厚庆民友裕河哲亮政谦奇之翰朗宏言若鸣朋栋维启克伦翔旭泽晨辰士家致树德行时"
    "泰盛雄钧冠腾楠风航弘小大凯帆北京上海深圳广州科技术有限公司集团股份信息网络电子工程设计经理总监主管董事长部门销售市场研"
    "发开贸易实业展投资际商务软件数据智能学院教授杭南都武汉"
)

TRADITIONAL_CHINESE = set(
    "王李張劉陳楊黃趙吳周徐孫馬朱胡郭何高林鄭謝羅梁宋唐許韓馮鄧曹彭曾蕭田董袁潘于蔣蔡余杜葉程蘇魏呂丁任沈姚盧姜崔鐘鍾"
    "譚陸汪范金石廖賈夏韋方白鄒孟熊秦邱江尹薛閻段雷侯龍史陶黎賀顧毛郝龔邵萬錢嚴戴莫孔湯詹簡游翁柯洪連童溫紀涂歐施巫淑芬美"
    "玲雅婷怡君佳蓉志明俊傑建國文雄英豪家宏偉惠麗華秀宗翰承恩冠宇彥廷柏品妍子晴詠宜欣妤佩珊大小德霆鋒如玉珍鳳月雲海東成永"
    "信義仁智勇強榮昌盛光輝天安中平和心心慧芳蘭梅雪琴靜敏琪瑜瑩筱雯蕙台灣臺北高科技股份有限公司資訊電子工程經理總監部門業務行"
    "銷董事長集團國際實企貿易投大學院教授研究香港"
)

JAPANESE_CHARACTERS = set(
    "佐藤鈴木高橋田中伊渡辺邊山本村小林加吉々口松井上斎清水崎阿部森池石川前後岡長谷近坂遠青福西太三浦金野原大和島安宮内菊地千"
    "葉工丸今河武杉増平久保関根新竹岩横桜馬場市酒古星片荒須服土堀東南北塚栗矢花子一郎健翔美咲輔翼拓也浩恵幸真由智直樹裕明雄介"
    "優斗陽菜結衣愛莉葵蓮悠奈穂純哲学博之隆史誠修司亮彦香織里絵理弘正義勝次秀良光春夏秋冬雪希望文武男夫二五郎志津株式会社有限"
    "長課営業開発京阪"
)

KOREAN_CHARACTERS = set(
    "김이박최정강조윤장임한오서신권황안송류전홍고문양손배백허유남심노하곽성차주우구민진지엄채원천방공현함변염여추도소석선설마길"
    "준연수영호재은혜경희숙자철훈상태동건용승규빈예나라미아린환찬형욱광종인기범섭열보람솔다슬삼식회사대표부과팀엘국울학교연구술"
)

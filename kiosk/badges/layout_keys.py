"""The keys of keyboard layouts, as xkeyboard-config (`symbols/`, version 2.35) defines them."""

from data.language import N_

US_KEYS = "`1234567890-=qwertyuiop[]\\asdfghjkl;'zxcvbnm,./" + '~!@#$%^&*()_+QWERTYUIOP{}|ASDFGHJKL:"ZXCVBNM<>?'
"""The 47 keys, row by row, first without Shift, then with it."""

LAYOUT_KEYS = {
    "German": "^1234567890ß´qwertzuiopü+#asdfghjklöäyxcvbnm,.-°!\"§$%&/()=?`QWERTZUIOPÜ*'ASDFGHJKLÖÄYXCVBNM;:_",
    "Swedish": "§1234567890+´qwertyuiopå¨'asdfghjklöäzxcvbnm,.-½!\"#¤%&/()=?`QWERTYUIOPÅ^*ASDFGHJKLÖÄZXCVBNM;:_",
    "French": "²&é\"'(-è_çà)=azertyuiop^$*qsdfghjklmùwxcvbn,;:!~1234567890°+AZERTYUIOP¨£µQSDFGHJKLM%WXCVBN?./§",
    "Belgian": "²&é\"'(§è!çà)-azertyuiop^$µqsdfghjklmùwxcvbn,;:=³1234567890°_AZERTYUIOP¨*£QSDFGHJKLM%WXCVBN?./+",
    "Spanish": "º1234567890'¡qwertyuiop`+çasdfghjklñ´zxcvbnm,.-ª!\"·$%&/()=?¿QWERTYUIOP^*ÇASDFGHJKLÑ¨ZXCVBNM;:_",
    "Latin American": "|1234567890'¿qwertyuiop´+}asdfghjklñ{zxcvbnm,.-°!\"#$%&/()=?¡QWERTYUIOP¨*]ASDFGHJKLÑ[ZXCVBNM;:_",
    "Italian": "\\1234567890'ìqwertyuiopè+ùasdfghjklòàzxcvbnm,.-|!\"£$%&/()=?^QWERTYUIOPé*§ASDFGHJKLç°ZXCVBNM;:_",
    "Swiss": "§1234567890'^qwertzuiopü¨$asdfghjklöäyxcvbnm,.-°+\"*ç%&/()=?`QWERTZUIOPè!£ASDFGHJKLéàYXCVBNM;:_",
    "Swiss French": "§1234567890'^qwertzuiopè¨$asdfghjkléàyxcvbnm,.-°+\"*ç%&/()=?`QWERTZUIOPü!£ASDFGHJKLöäYXCVBNM;:_",
    "British": "`1234567890-=qwertyuiop[]#asdfghjkl;'zxcvbnm,./¬!\"£$%^&*()_+QWERTYUIOP{}~ASDFGHJKL:@ZXCVBNM<>?",
    "Norwegian": "|1234567890+\\qwertyuiopå¨'asdfghjkløæzxcvbnm,.-§!\"#¤%&/()=?`QWERTYUIOPÅ^*ASDFGHJKLØÆZXCVBNM;:_",
    "Danish": "½1234567890+´qwertyuiopå¨'asdfghjklæøzxcvbnm,.-§!\"#¤%&/()=?`QWERTYUIOPÅ^*ASDFGHJKLÆØZXCVBNM;:_",
    "Portuguese": "\\1234567890'«qwertyuiop+´~asdfghjklçºzxcvbnm,.-|!\"#$%&/()=?»QWERTYUIOP*`^ASDFGHJKLÇªZXCVBNM;:_",
    "Brazilian": "'1234567890-=qwertyuiop´[]asdfghjklç~zxcvbnm,.;\"!@#$%¨&*()_+QWERTYUIOP`{}ASDFGHJKLÇ^ZXCVBNM<>:",
    "Dutch": "@1234567890/°qwertyuiop¨*<asdfghjkl+´zxcvbnm,.-§!\"#$%&_()'?~QWERTYUIOP^|>ASDFGHJKL±`ZXCVBNM;:=",
    "Czech": ";+ěščřžýáíé=´qwertzuiopú)¨asdfghjklů§yxcvbnm,.-°1234567890%ˇQWERTZUIOP/('ASDFGHJKL\"!YXCVBNM?:_",
    "Slovak": ';+ľščťžýáíé=´qwertzuiopúäňasdfghjklô§yxcvbnm,.-°1234567890%ˇQWERTZUIOP/()ASDFGHJKL"!YXCVBNM?:_',
    "Polish": "˙1234567890+'qwertzuiopżśóasdfghjklłąyxcvbnm,.-˛!\"#$%&/()=?*QWERTZUIOPńćźASDFGHJKLŁęYXCVBNM;:_",
    "Hungarian": "0123456789öüóqwertzuiopőúűasdfghjkléáyxcvbnm,.-§'\"+!%/=()ÖÜÓQWERTZUIOPŐÚŰASDFGHJKLÉÁYXCVBNM?:_",
    "Turkish": "\"1234567890*-qwertyuıopğü,asdfghjklşizxcvbnmöç.é!'^+%&/()=?_QWERTYUIOPĞÜ;ASDFGHJKLŞİZXCVBNMÖÇ:",
}
"""What the 47 keys type without and with Shift. Finnish equals Swedish, Austrian equals German."""

ALTGR_KEYS = {
    "German": "′¹²³¼½¬{[]}\\¸@ſ€¶ŧ←↓→øþ¨~’æſðđŋħ ĸł ^»«¢„“”µ·…–",
    "French": "¬¹~#{[|`\\^@]}æ«€¶ŧ←↓→øþ¨¤`@ßðđŋħ ĸłµ^ł»¢„“”´•· ",
    "Belgian": "¬|@#¼½^{[{}\\¸@ſ€¶ŧ←↓→œþ[]`æßðđŋħ ĸł´´«»¢„“”¸•·~",
    "Swiss": "¬|@#¼½¬|¢]}´~@ſ€¶ŧ←↓→œþ[]}æßðđŋħ ĸł´{«»¢„“”µ•· ",
    "Spanish": "\\|@#~½¬{[]}\\¸@ſ€¶ŧ←↓→øþ[]}æßðđŋħ ĸł~{«»¢„“”µ•· ",
    "Italian": "¬¹²³¼½¬{[]}`~@ſ€¶ŧ←↓→øþ[]`æßðđŋħ ĸł@#«»¢“”ñµ´· ",
    "British": "|¹²³€½¾{[]}\\¸@ſe¶ŧ←↓→øþ¨~`æßðđŋħ ĸł´^«»¢„“”µ•· ",
    "Swedish": "¶¡@£$€¥{[]}\\±@ſ€®þ←↓→œþ¨~´ªßðđŋħ ĸłøæ«»©„“”µ¸· ",
    "Czech": "`!@#$%^&*{}  \\|€       []\\~đĐ[]`'łŁ$'°#&@{}^<>*",
}
"""
What the 47 keys type with AltGr, which scanners set to these layouts press for `@` and brackets; a space for nothing.
"""

LAYOUT_NAMES_BY_CODE = {
    "us": "US",
    "de": "German",
    "fr": "French",
    "be": "Belgian",
    "ch": "Swiss",
    "es": "Spanish",
    "it": "Italian",
    "uk": "British",
    "se": "Swedish",
    "cz": "Czech",
    "no": "Norwegian",
    "dk": "Danish",
    "pt": "Portuguese",
    "br": "Brazilian",
    "nl": "Dutch",
    "sk": "Slovak",
    "pl": "Polish",
    "hu": "Hungarian",
    "tr": "Turkish",
    "latam": "Latin American",
    "ch-fr": "Swiss French",
}
"""How `[scanner]` in kiosk.toml calls the layouts."""

# The layouts' names, for the catalogue of translations.
_LAYOUT_NAMES = (
    N_("Belgian"),
    N_("Brazilian"),
    N_("British"),
    N_("Czech"),
    N_("Danish"),
    N_("Dutch"),
    N_("French"),
    N_("German"),
    N_("Hungarian"),
    N_("Italian"),
    N_("Latin American"),
    N_("Norwegian"),
    N_("Polish"),
    N_("Portuguese"),
    N_("Slovak"),
    N_("Spanish"),
    N_("Swedish"),
    N_("Swiss"),
    N_("Swiss French"),
    N_("Turkish"),
    N_("US"),
)

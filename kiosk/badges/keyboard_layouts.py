"""Keyboard layouts: what a computer receives if its layout differs from the scanner's."""

import unicodedata
from dataclasses import dataclass
from functools import cached_property

from data.language import N_

_US_KEYS = "`1234567890-=qwertyuiop[]\\asdfghjkl;'zxcvbnm,./" + '~!@#$%^&*()_+QWERTYUIOP{}|ASDFGHJKL:"ZXCVBNM<>?'
"""The 47 keys, row by row, first without Shift, then with it."""

# What the 47 keys type without and with Shift, according to xkeyboard-config. Finnish equals Swedish, Austrian equals
# German.
_LAYOUT_KEYS = {
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

# Keys that wait for a letter and put their accent on it.
_DEAD_KEYS = {"´": "\u0301", "`": "\u0300", "^": "\u0302", "¨": "\u0308", "~": "\u0303", "ˇ": "\u030c", "¸": "\u0327"}

# Layouts to which scanners are set in the countries where they are sold; many are then used with a US keyboard.
_ON_US_KEYBOARD = ("French", "Belgian", "German", "Swiss")


@dataclass(frozen=True)
class LayoutPair:
    """Translates between what a scanner means and what the computer receives if their keyboard layouts differ."""

    scanner: str
    """The layout that the scanner is set to."""
    computer: str
    """The layout that the computer is set to."""
    typed_keys: str
    """The characters that the computer receives, key by key."""
    intended_keys: str
    """The characters that the scanner means, key by key."""

    @cached_property
    def intended_by_typed(self) -> dict[int, str]:
        """What is typed -> what is meant. Accented letters come from a dead key and a letter."""
        table = {
            ord(typed): intended
            for typed, intended in zip(reversed(self.typed_keys), reversed(self.intended_keys), strict=True)
        }
        letters = [
            (typed, intended)
            for typed, intended in zip(self.typed_keys, self.intended_keys, strict=True)
            if typed.isalpha()
        ]
        for accent, mark in _DEAD_KEYS.items():
            for letter, intended in letters if ord(accent) in table else ():
                composed = unicodedata.normalize("NFC", letter + mark)
                if len(composed) == 1:
                    table.setdefault(ord(composed), table[ord(accent)] + intended)
        return table

    @cached_property
    def typed_by_intended(self) -> dict[int, str]:
        """What is meant -> what is typed."""
        return {
            ord(intended): typed
            for typed, intended in zip(reversed(self.typed_keys), reversed(self.intended_keys), strict=True)
        }

    def simulate_typing(self, text: str) -> str:
        """Return what the computer receives if the scanner types *text*."""
        return text.translate(self.typed_by_intended)

    def restore_text(self, text: str) -> str:
        """Return what the scanner meant by *text*."""
        return text.translate(self.intended_by_typed)

    def count_untypeable(self, text: str) -> int:
        """Return how many characters of *text* no key of the computer's keyboard types."""
        return sum(ord(character) not in self.intended_by_typed and character > " " for character in text)


# The more common pairs come first, because some badges fit several.
LAYOUT_PAIRS = (
    *(LayoutPair("US", name, keys, _US_KEYS) for name, keys in _LAYOUT_KEYS.items()),
    *(LayoutPair(name, "US", _US_KEYS, _LAYOUT_KEYS[name]) for name in _ON_US_KEYBOARD),
)

"""Names that are made to break a screen."""

NAMES = {
    "closing markup": "Eve [/red] [/]",
    "markup": "[bold]Eve[/bold] [link=http://x.example]y",
    "an action": "[@click=app.exit]Eve[/]",
    "an escape sequence": "Eve \x1b[31m\x1b]0;title\x07\x9b2J\x1bc",
    "bidi": "Eve \u202egnp.exe\u2066 \u200f\u061c",
    "hidden": "E\u200bv\u2060e\ufeff\u00ad \U000e0041",
    "lines": "Eve\nTwo\r\nThree\tFour\x0b\x85\u2028\u2029",
    "very long": "Eve " * 2000,
    "wide": "王" * 200,
    "marks": "E" + "\u0301" * 300,
    "braces": "{0} {name} %s $HOME `id` \\",
    "emoji": "Eve 👩‍👩‍👧‍👦 🏳️‍🌈",
}

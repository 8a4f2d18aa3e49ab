//! JSON as tokens need it: strict to read, exact in its numbers, small to write ([RFC 8259]).
//!
//! Refused although some readers take it: a member named twice, a lone surrogate, nesting deeper
//! than [`MAX_DEPTH`], anything behind the value.
//!
//! [RFC 8259]: https://www.rfc-editor.org/rfc/rfc8259

use std::borrow::Cow;

/// How deep objects and arrays may nest.
pub const MAX_DEPTH: u8 = 32;

/// Below this many members, comparing each with each is cheaper than sorting.
const FEW_MEMBERS: usize = 16;

/// A JSON value that borrows from its text.
#[derive(Clone, Debug, PartialEq)]
#[allow(clippy::exhaustive_enums, reason = "RFC 8259 names these six and no more")]
pub enum Value<'a> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number, kept as it was written.
    Number(Number<'a>),
    /// A string, unescaped.
    String(Cow<'a, str>),
    /// An array.
    Array(Vec<Self>),
    /// An object.
    Object(Object<'a>),
}

impl<'a> Value<'a> {
    /// The string, where it is one.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The number, where it is one.
    #[must_use]
    pub const fn as_number(&self) -> Option<Number<'a>> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// The items, where it is an array.
    #[must_use]
    pub fn as_array(&self) -> Option<&[Self]> {
        match self {
            Self::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The object, where it is one.
    #[must_use]
    pub const fn as_object(&self) -> Option<&Object<'a>> {
        match self {
            Self::Object(object) => Some(object),
            _ => None,
        }
    }
}

/// One member of an object.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Member<'a> {
    /// The name, unescaped.
    pub name: Cow<'a, str>,
    /// The value.
    pub value: Value<'a>,
    /// The value as it was written.
    pub raw: &'a str,
}

/// An object; its members keep their order, and no name stands twice.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Object<'a> {
    members: Vec<Member<'a>>,
}

impl<'a> Object<'a> {
    /// Reads a text that must be one object.
    #[must_use]
    pub fn parse(text: &'a [u8]) -> Option<Self> {
        match parse(text)? {
            Value::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The value of the member `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value<'a>> {
        self.members.iter().find(|member| member.name == name).map(|member| &member.value)
    }

    /// The string member `name`; `None` where it is missing or no string.
    #[must_use]
    pub fn string(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_str()
    }

    /// The members in the order in which they were written.
    #[must_use]
    pub fn members(&self) -> &[Member<'a>] {
        &self.members
    }

    fn has_duplicates(&self) -> bool {
        if self.members.len() > FEW_MEMBERS {
            let mut names: Vec<&str> = self.members.iter().map(|member| &*member.name).collect();
            names.sort_unstable();
            return names.windows(2).any(|pair| pair.first() == pair.last());
        }
        let mut rest = self.members.as_slice();
        while let [first, others @ ..] = rest {
            if others.iter().any(|other| other.name == first.name) {
                return true;
            }
            rest = others;
        }
        false
    }
}

/// A number as it was written, so that nothing is lost before somebody asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Number<'a> {
    text: &'a str,
}

impl<'a> Number<'a> {
    /// The number as it was written.
    #[must_use]
    pub const fn text(self) -> &'a str {
        self.text
    }

    /// The exact value, where it is written as a plain integer in range.
    #[must_use]
    pub fn as_u64(self) -> Option<u64> {
        self.text.parse().ok()
    }

    /// The exact value, where it is written as a plain integer in range.
    #[must_use]
    pub fn as_i64(self) -> Option<i64> {
        self.text.parse().ok()
    }

    /// The nearest value; exact up to 2^53 and, with a fraction, to 15 digits.
    ///
    /// The standard library's conversion is right to the last bit but weighs 10 KB in wasm.
    #[must_use]
    pub fn as_f64(self) -> f64 {
        let digits = self.text.strip_prefix('-');
        let negative = digits.is_some();
        let mut mantissa: u64 = 0;
        let mut exponent: i32 = 0;
        let mut in_fraction = false;
        let mut bytes = digits.unwrap_or(self.text).bytes();
        while let Some(byte) = bytes.next() {
            match byte {
                b'.' => in_fraction = true,
                b'e' | b'E' => {
                    exponent = exponent.saturating_add(small_int(&mut bytes));
                    break;
                }
                _ => {
                    let digit = u64::from(byte.wrapping_sub(b'0'));
                    let next = mantissa.checked_mul(10).and_then(|m| m.checked_add(digit));
                    match next {
                        Some(next) => {
                            mantissa = next;
                            exponent = exponent.saturating_sub(i32::from(in_fraction));
                        }
                        None => exponent = exponent.saturating_add(i32::from(!in_fraction)),
                    }
                }
            }
        }
        #[allow(clippy::cast_precision_loss, reason = "the nearest value is what was asked for")]
        let magnitude = scale(mantissa as f64, exponent);
        if negative { -magnitude } else { magnitude }
    }
}

fn small_int(bytes: &mut impl Iterator<Item = u8>) -> i32 {
    let mut negative = false;
    let mut value: i32 = 0;
    for byte in bytes {
        match byte {
            b'-' => negative = true,
            b'+' => {}
            _ => {
                let digit = i32::from(byte.wrapping_sub(b'0'));
                value = value.saturating_mul(10).saturating_add(digit);
            }
        }
    }
    if negative { value.saturating_neg() } else { value }
}

fn scale(mantissa: f64, exponent: i32) -> f64 {
    if mantissa == 0.0 {
        return 0.0;
    }
    let mut power = 1.0_f64;
    let mut base = 10.0_f64;
    let mut rest = exponent.unsigned_abs();
    while rest > 0 {
        if rest & 1 == 1 {
            power *= base;
        }
        base *= base;
        rest >>= 1;
    }
    if exponent < 0 { mantissa / power } else { mantissa * power }
}

/// Reads one value; `None` where the text is anything but exactly that.
#[must_use]
pub fn parse(text: &[u8]) -> Option<Value<'_>> {
    let text = std::str::from_utf8(text).ok()?;
    let mut reader = Reader { text, at: 0 };
    let value = reader.value(MAX_DEPTH)?;
    reader.white_space();
    (reader.at == text.len()).then_some(value)
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn value(&mut self, depth: u8) -> Option<Value<'a>> {
        self.white_space();
        match self.peek()? {
            b'{' => self.object(depth.checked_sub(1)?).map(Value::Object),
            b'[' => self.array(depth.checked_sub(1)?).map(Value::Array),
            b'"' => self.string().map(Value::String),
            b't' => self.literal("true").map(|()| Value::Bool(true)),
            b'f' => self.literal("false").map(|()| Value::Bool(false)),
            b'n' => self.literal("null").map(|()| Value::Null),
            _ => self.number().map(Value::Number),
        }
    }

    fn object(&mut self, depth: u8) -> Option<Object<'a>> {
        self.bump();
        let mut object = Object::default();
        self.white_space();
        if self.take(b'}') {
            return Some(object);
        }
        loop {
            self.white_space();
            let name = self.string()?;
            self.white_space();
            self.expect(b':')?;
            self.white_space();
            let start = self.at;
            let value = self.value(depth)?;
            let raw = self.text.get(start..self.at)?;
            object.members.push(Member { name, value, raw });
            self.white_space();
            if self.take(b',') {
                continue;
            }
            self.expect(b'}')?;
            return (!object.has_duplicates()).then_some(object);
        }
    }

    fn array(&mut self, depth: u8) -> Option<Vec<Value<'a>>> {
        self.bump();
        let mut items = Vec::new();
        self.white_space();
        if self.take(b']') {
            return Some(items);
        }
        loop {
            items.push(self.value(depth)?);
            self.white_space();
            if self.take(b',') {
                continue;
            }
            self.expect(b']')?;
            return Some(items);
        }
    }

    fn string(&mut self) -> Option<Cow<'a, str>> {
        self.expect(b'"')?;
        let mut start = self.at;
        let mut unescaped = String::new();
        loop {
            match self.peek()? {
                b'"' => {
                    let run = self.text.get(start..self.at)?;
                    self.bump();
                    if unescaped.is_empty() {
                        return Some(Cow::Borrowed(run));
                    }
                    unescaped.push_str(run);
                    return Some(Cow::Owned(unescaped));
                }
                b'\\' => {
                    unescaped.push_str(self.text.get(start..self.at)?);
                    self.bump();
                    unescaped.push(self.escape()?);
                    start = self.at;
                }
                0..=0x1f => return None,
                _ => self.bump(),
            }
        }
    }

    fn escape(&mut self) -> Option<char> {
        let byte = self.peek()?;
        self.bump();
        match byte {
            b'"' | b'\\' | b'/' => Some(char::from(byte)),
            b'b' => Some('\u{8}'),
            b'f' => Some('\u{c}'),
            b'n' => Some('\n'),
            b'r' => Some('\r'),
            b't' => Some('\t'),
            b'u' => self.unicode_escape(),
            _ => None,
        }
    }

    fn unicode_escape(&mut self) -> Option<char> {
        let high = self.hex4()?;
        if let Some(scalar) = char::from_u32(u32::from(high)) {
            return Some(scalar);
        }
        self.expect(b'\\')?;
        self.expect(b'u')?;
        let low = self.hex4()?;
        char::decode_utf16([high, low]).next()?.ok()
    }

    fn hex4(&mut self) -> Option<u16> {
        let digits = self.text.get(self.at..self.at.checked_add(4)?)?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        self.at = self.at.saturating_add(4);
        u16::from_str_radix(digits, 16).ok()
    }

    fn number(&mut self) -> Option<Number<'a>> {
        let start = self.at;
        self.take(b'-');
        if !self.take(b'0') {
            self.digits()?;
        }
        if self.take(b'.') {
            self.digits()?;
        }
        if self.take(b'e') || self.take(b'E') {
            if !self.take(b'+') {
                self.take(b'-');
            }
            self.digits()?;
        }
        Some(Number { text: self.text.get(start..self.at)? })
    }

    fn digits(&mut self) -> Option<()> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.bump();
        }
        (self.at > start).then_some(())
    }

    fn literal(&mut self, word: &str) -> Option<()> {
        let end = self.at.checked_add(word.len())?;
        (self.text.get(self.at..end)? == word).then(|| self.at = end)
    }

    fn white_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.bump();
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn bump(&mut self) {
        self.at = self.at.saturating_add(1);
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        if found {
            self.bump();
        }
        found
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        self.take(byte).then_some(())
    }
}

/// Writes one object, member by member; the names are ours and need no escaping.
#[derive(Debug)]
pub struct Writer {
    out: String,
}

impl Writer {
    /// An object without members yet.
    #[must_use]
    #[allow(clippy::new_without_default, reason = "an unfinished object is no default of anything")]
    pub fn new() -> Self {
        Self { out: String::from("{") }
    }

    /// Adds a string.
    pub fn string(&mut self, name: &str, value: &str) -> &mut Self {
        self.name(name);
        quote(&mut self.out, value);
        self
    }

    /// Adds an integer.
    pub fn int(&mut self, name: &str, value: i64) -> &mut Self {
        self.name(name);
        integer(&mut self.out, value);
        self
    }

    /// Adds `true` or `false`.
    pub fn bool(&mut self, name: &str, value: bool) -> &mut Self {
        self.raw(name, if value { "true" } else { "false" })
    }

    /// Adds a value that is JSON already.
    pub fn raw(&mut self, name: &str, json: &str) -> &mut Self {
        self.name(name);
        self.out.push_str(json);
        self
    }

    /// Adds an array of values that are JSON already.
    pub fn array<I>(&mut self, name: &str, items: I) -> &mut Self
    where
        I: IntoIterator<Item: AsRef<str>>,
    {
        self.name(name);
        self.out.push('[');
        for (position, item) in items.into_iter().enumerate() {
            if position > 0 {
                self.out.push(',');
            }
            self.out.push_str(item.as_ref());
        }
        self.out.push(']');
        self
    }

    /// The object's text.
    #[must_use]
    pub fn finish(mut self) -> String {
        self.out.push('}');
        self.out
    }

    fn name(&mut self, name: &str) {
        if self.out.len() > 1 {
            self.out.push(',');
        }
        quote(&mut self.out, name);
        self.out.push(':');
    }
}

/// Appends `text` as a JSON string.
pub fn quote(out: &mut String, text: &str) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    out.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => {
                out.push('\\');
                out.push(character);
            }
            '\0'..='\u{1f}' => {
                out.push_str("\\u00");
                let code = character as usize;
                for digit in [code >> 4, code & 15] {
                    out.push(HEX.get(digit).copied().map_or('0', char::from));
                }
            }
            _ => out.push(character),
        }
    }
    out.push('"');
}

/// Appends `value` in decimal.
pub fn integer(out: &mut String, value: i64) {
    if value < 0 {
        out.push('-');
    }
    let mut digits = [0_u8; 20];
    let mut rest = value.unsigned_abs();
    let mut length: usize = 0;
    for slot in digits.iter_mut().rev() {
        let digit = rest.checked_rem(10).unwrap_or(0);
        *slot = b'0'.saturating_add(u8::try_from(digit).unwrap_or(0));
        rest = rest.checked_div(10).unwrap_or(0);
        length = length.saturating_add(1);
        if rest == 0 {
            break;
        }
    }
    out.extend(digits.iter().skip(digits.len().saturating_sub(length)).map(|b| char::from(*b)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_whole_value_is_read_and_its_members_keep_order_and_raw_text() {
        let object =
            Object::parse(br#" {"b":[1, 2.50],"a\n":"\u00e9\ud83d\ude00","c":{}} "#).unwrap();
        let names: Vec<_> = object.members().iter().map(|m| (&*m.name, m.raw)).collect();
        assert_eq!(names, [("b", "[1, 2.50]"), ("a\n", r#""\u00e9\ud83d\ude00""#), ("c", "{}")]);
        assert_eq!(object.string("a\n"), Some("é😀"));
    }

    #[test]
    fn what_is_not_exactly_one_strict_value_is_refused() {
        for text in [
            "",
            "{",
            "{}x",
            "{\"a\":1,}",
            "[1,]",
            "01",
            "1.",
            ".5",
            "+1",
            "-",
            "1e",
            "NaN",
            "nul",
            "\"\\x\"",
            "\"\\ud800\"",
            "\"\\ud800\\u0041\"",
            "\"\\u+123\"",
            "\"\n\"",
            "'a'",
            "{a:1}",
            "{\"a\":1,\"a\":2}",
            "{\"a\":1,\"\\u0061\":2}",
            "\u{feff}{}",
            "// x\n1",
        ] {
            assert_eq!(parse(text.as_bytes()), None, "{text:?}");
        }
        assert_eq!(parse(b"\xff"), None);
    }

    #[test]
    fn nesting_ends_at_the_limit() {
        let nested = |depth: usize| [vec![b'['; depth], vec![b']'; depth]].concat();
        assert!(parse(&nested(usize::from(MAX_DEPTH))).is_some());
        assert_eq!(parse(&nested(usize::from(MAX_DEPTH) + 1)), None);
    }

    #[test]
    fn duplicates_are_seen_among_many_members_too() {
        let many: Vec<String> = (0..40).map(|n| format!("\"m{n}\":0")).collect();
        assert!(Object::parse(format!("{{{}}}", many.join(",")).as_bytes()).is_some());
        assert!(Object::parse(format!("{{{},\"m7\":1}}", many.join(",")).as_bytes()).is_none());
    }

    proptest! {
        #[test]
        fn any_text_is_quoted_so_that_it_reads_back(text in ".*") {
            let mut out = String::new();
            quote(&mut out, &text);
            prop_assert_eq!(parse(out.as_bytes()), Some(Value::String(text.into())));
        }

        #[test]
        fn integers_are_exact(value: i64) {
            let mut out = String::new();
            integer(&mut out, value);
            prop_assert_eq!(&out, &value.to_string());
            let read = parse(out.as_bytes()).unwrap().as_number().unwrap();
            prop_assert_eq!(read.as_i64(), Some(value));
        }

        #[test]
        fn floats_are_near(value in -1e18_f64..1e18, exponent in -30..30_i32) {
            let text = format!("{value}e{exponent}");
            let near = parse(text.as_bytes()).unwrap().as_number().unwrap().as_f64();
            let exact: f64 = text.parse().unwrap();
            prop_assert!((near - exact).abs() <= exact.abs() * 1e-15, "{near} {exact}");
        }

        #[test]
        fn any_bytes_at_all_are_answered(bytes: Vec<u8>) {
            let _ = parse(&bytes);
        }
    }
}

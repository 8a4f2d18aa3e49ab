//! Reading, strictly and in one pass.

use std::borrow::Cow;

use super::{MAX_DEPTH, Member, Number, Object, Value};

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
                _ => {
                    self.bump();
                    self.plain();
                }
            }
        }
    }

    /// Passes over what stands for itself in a string, eight bytes at a time: most of every token
    /// is that.
    fn plain(&mut self) {
        const ONES: u64 = 0x0101_0101_0101_0101;
        const HIGHS: u64 = 0x8080_8080_8080_8080;
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        for chunk in rest.as_chunks().0 {
            let bytes = u64::from_le_bytes(*chunk);
            // A byte's high bit tells that it is zero; those above the lowest may lie.
            let zeroes = |bytes: u64| bytes.wrapping_sub(ONES) & !bytes & HIGHS;
            let quotes = zeroes(bytes ^ (ONES.wrapping_mul(b'"' as u64)));
            let escapes = zeroes(bytes ^ (ONES.wrapping_mul(b'\\' as u64)));
            let controls = bytes.wrapping_sub(ONES.wrapping_mul(0x20)) & !bytes & HIGHS;
            let special = quotes | escapes | controls;
            if special != 0 {
                let before = special.trailing_zeros() as usize / 8;
                self.at = self.at.saturating_add(before);
                return;
            }
            self.at = self.at.saturating_add(8);
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

    #[inline(always)]
    fn white_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.bump();
        }
    }

    #[inline(always)]
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    #[inline(always)]
    fn bump(&mut self) {
        self.at = self.at.saturating_add(1);
    }

    #[inline(always)]
    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        if found {
            self.bump();
        }
        found
    }

    #[inline(always)]
    fn expect(&mut self, byte: u8) -> Option<()> {
        self.take(byte).then_some(())
    }
}

//! Writing one object at a time.

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

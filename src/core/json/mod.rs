//! JSON as tokens need it: strict to read, exact in its numbers, small to write ([RFC 8259]).
//!
//! Refused although some readers take it: a member named twice, a lone surrogate, nesting deeper
//! than [`MAX_DEPTH`], anything behind the value.
//!
//! [RFC 8259]: https://www.rfc-editor.org/rfc/rfc8259

mod number;
mod reader;
mod writer;

use std::borrow::Cow;
use std::collections::BinaryHeap;

pub use number::Number;
pub use reader::parse;
pub use writer::{Writer, integer, quote};

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
            // A heap: it brings equal names together as a sort does, in a tenth of the code.
            let mut names: BinaryHeap<&str> = self.members.iter().map(|it| &*it.name).collect();
            let mut last = None;
            while let Some(name) = names.pop() {
                if last.replace(name) == Some(name) {
                    return true;
                }
            }
            return false;
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

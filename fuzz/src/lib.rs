//! JSON as `serde_json` reads it, with what it forgives made visible: the reader that ours is compared with.

pub mod counting;

use std::fmt;

use evertoken::core::json::{MAX_DEPTH, Value};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// A value with all its members, those of one name too.
#[derive(Clone, Debug, PartialEq)]
pub enum Tree {
    Null,
    Bool(bool),
    Number(f64),
    String(String),
    Array(Vec<Tree>),
    Object(Vec<(String, Tree)>),
}

/// What `serde_json` makes of a text.
pub enum Read {
    /// A value that ours must read as well.
    Strict(Tree),
    /// A value that ours must refuse: a member stands twice, or it nests too deep.
    Forgiven,
    /// Nothing is known: `serde_json` refuses numbers that are no `f64`, which ours leaves to whoever asks.
    Overflow,
    /// No JSON.
    Refused,
}

/// Reads a text as `serde_json` does.
pub fn read(text: &[u8]) -> Read {
    match serde_json::from_slice::<Tree>(text) {
        Ok(tree) if tree.has_duplicates() || tree.depth() > usize::from(MAX_DEPTH) => {
            Read::Forgiven
        }
        Ok(tree) => Read::Strict(tree),
        Err(error) if error.to_string().starts_with("number out of range") => Read::Overflow,
        // Its own limit, 128, is beyond ours.
        Err(error) if error.to_string().starts_with("recursion limit") => Read::Forgiven,
        Err(_) => Read::Refused,
    }
}

/// The value, where the text is strict JSON.
pub fn strict(text: &[u8]) -> Option<Tree> {
    match read(text) {
        Read::Strict(tree) => Some(tree),
        _ => None,
    }
}

impl Tree {
    /// The member of that name.
    pub fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => {
                members.iter().find(|(own, _)| own == name).map(|(_, value)| value)
            }
            _ => None,
        }
    }

    /// The string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    fn has_duplicates(&self) -> bool {
        match self {
            Self::Array(items) => items.iter().any(Self::has_duplicates),
            Self::Object(members) => {
                let mut names: Vec<_> = members.iter().map(|(name, _)| name).collect();
                names.sort();
                names.windows(2).any(|pair| pair[0] == pair[1])
                    || members.iter().any(|(_, value)| value.has_duplicates())
            }
            _ => false,
        }
    }

    fn depth(&self) -> usize {
        match self {
            Self::Array(items) => 1 + items.iter().map(Self::depth).max().unwrap_or(0),
            Self::Object(members) => {
                1 + members.iter().map(|(_, value)| value.depth()).max().unwrap_or(0)
            }
            _ => 0,
        }
    }

    /// Whether our reader read the same.
    pub fn is(&self, ours: &Value<'_>) -> bool {
        match (self, ours) {
            (Self::Null, Value::Null) => true,
            (Self::Bool(theirs), Value::Bool(ours)) => theirs == ours,
            (Self::Number(theirs), Value::Number(ours)) => is_near(ours.as_f64(), *theirs),
            (Self::String(theirs), Value::String(ours)) => theirs == ours,
            (Self::Array(theirs), Value::Array(ours)) => {
                theirs.len() == ours.len()
                    && theirs.iter().zip(ours).all(|(theirs, ours)| theirs.is(ours))
            }
            (Self::Object(theirs), Value::Object(ours)) => {
                theirs.len() == ours.members().len()
                    && theirs.iter().zip(ours.members()).all(|((name, value), member)| {
                        *name == member.name && value.is(&member.value)
                    })
            }
            _ => false,
        }
    }
}

/// Equal for every instant that anybody means; the very large and the very small may lose digits.
fn is_near(ours: f64, exact: f64) -> bool {
    if exact.fract() == 0.0 && exact.abs() < 9_007_199_254_740_992.0 && exact.abs() >= 1.0 {
        return (ours - exact).abs() <= exact.abs() * 1e-15;
    }
    match exact.abs() {
        0.0 => ours.abs() < 1e-300,
        size if (1e-290..1e290).contains(&size) => (ours - exact).abs() <= size * 1e-14,
        _ => !ours.is_nan(),
    }
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Tree;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Tree, E> {
        Ok(Tree::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Tree, E> {
        Ok(Tree::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Tree, E> {
        Ok(Tree::Number(value as f64))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Tree, E> {
        Ok(Tree::Number(value as f64))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Tree, E> {
        Ok(Tree::Number(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Tree, E> {
        Ok(Tree::String(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Tree, A::Error> {
        let mut all = Vec::new();
        while let Some(item) = items.next_element()? {
            all.push(item);
        }
        Ok(Tree::Array(all))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Tree, A::Error> {
        let mut all = Vec::new();
        while let Some(member) = members.next_entry()? {
            all.push(member);
        }
        Ok(Tree::Object(all))
    }
}

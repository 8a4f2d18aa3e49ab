//! The last generations of a session: which attempts moved them on, and when.

use super::attempt::Tag;

/// How many generations are remembered.
pub const KEPT: usize = 64;

/// Ages beyond this are all the same: longer ago than any grace.
const LONG_AGO: i64 = 999;

/// The generations before the current one, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Past {
    generations: Vec<Generation>,
}

/// What is known about one generation that was moved on from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Generation {
    /// It was moved on from.
    Rotated {
        /// When.
        at: i64,
        /// By these attempts.
        tags: Vec<u16>,
    },
    /// The store went back to an older state, and what happened here was lost with it.
    Unknown,
}

impl Generation {
    /// Whether this attempt is one of those that moved it on.
    #[must_use]
    pub fn knows(&self, tag: Tag) -> bool {
        matches!(self, Self::Rotated { tags, .. } if tags.contains(&tag.short()))
    }
}

impl Past {
    /// The generation `back` (1: the one before the current one); `None` beyond those kept.
    #[must_use]
    pub fn back(&self, back: u64) -> Option<&Generation> {
        let position = usize::try_from(back).ok()?.checked_sub(1)?;
        self.generations.get(position)
    }

    /// How many are known.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.generations.len()
    }

    /// Whether none is known.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.generations.is_empty()
    }

    /// Remembers one more.
    pub fn push(&mut self, generation: Generation) {
        self.generations.insert(0, generation);
        self.generations.truncate(KEPT);
    }

    /// Forgets all but the newest.
    pub fn forget_beyond(&mut self, kept: usize) {
        self.generations.truncate(kept);
    }

    /// Notes another attempt for the newest one.
    pub fn join(&mut self, tag: Tag) {
        if let Some(Generation::Rotated { tags, .. }) = self.generations.first_mut() {
            tags.push(tag.short());
        }
    }

    /// The generations as text, `<age>:<tags>` or `?` each; ages count from `rotated_at`.
    #[must_use]
    pub fn write(&self, rotated_at: i64) -> String {
        let mut text = String::new();
        for generation in &self.generations {
            if !text.is_empty() {
                text.push(',');
            }
            match generation {
                Generation::Unknown => text.push('?'),
                Generation::Rotated { at, tags } => {
                    let age = rotated_at.saturating_sub(*at).clamp(0, LONG_AGO);
                    text.push_str(&age.to_string());
                    text.push(':');
                    for tag in tags {
                        super::hex::push(&mut text, u64::from(*tag), 4);
                    }
                }
            }
        }
        text
    }

    /// Reads what [`Past::write`] wrote.
    #[must_use]
    pub fn read(text: &str, rotated_at: i64) -> Option<Self> {
        if text.is_empty() {
            return Some(Self::default());
        }
        let read = |part| Generation::read(part, rotated_at);
        let generations: Vec<_> = text.split(',').map(read).collect::<Option<_>>()?;
        (generations.len() <= KEPT).then_some(Self { generations })
    }
}

impl Generation {
    fn read(text: &str, rotated_at: i64) -> Option<Self> {
        if text == "?" {
            return Some(Self::Unknown);
        }
        let (age, tags) = text.split_once(':')?;
        let age: i64 = age.parse().ok().filter(|age| (0..=LONG_AGO).contains(age))?;
        let tags = super::hex::read(tags, 4)?;
        let tags = tags.into_iter().map(u16::try_from).collect::<Result<_, _>>().ok()?;
        Some(Self::Rotated { at: rotated_at.saturating_sub(age), tags })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let mut past = Past::default();
        past.push(Generation::Unknown);
        past.push(Generation::Rotated { at: 100, tags: vec![0xabcd] });
        past.join(Tag(0x0001_0002));
        assert_eq!(past.write(150), "50:abcd0002,?");
        assert_eq!(Past::read(&past.write(150), 150), Some(past));
        assert_eq!(Past::read("", 0), Some(Past::default()));
        for wrong in [",", "x", "-1:", "1:abc", "1000:", "1:ABCD", "1:00é0"] {
            assert_eq!(Past::read(wrong, 0), None, "{wrong}");
        }
    }

    #[test]
    fn no_more_than_the_last_64_are_kept() {
        let mut past = Past::default();
        for at in 0..100 {
            past.push(Generation::Rotated { at, tags: vec![1, 2, 3, 4] });
        }
        assert_eq!(past.len(), KEPT);
        assert!(past.back(64).is_some());
        assert!(past.back(65).is_none());
        assert!(past.back(0).is_none());
        assert!(past.write(1 << 40).len() < 1400);
    }
}

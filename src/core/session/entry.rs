//! What is stored, so that reloads, crashes and other tabs go on where this one was.
//!
//! `KEY` names the sign-in, `KEY:LOGIN:GENERATION` holds one generation of it with the attempt
//! that will renew it. Storage has no compare-and-set: so every generation has a key of its own,
//! the highest one of the named sign-in wins, and whatever a stale tab writes late is not seen.
//! `KEY:LOGIN:used` says when somebody last used the session, where there is an idle end.

use super::snapshot::EndReason;
use super::token::Token;
use crate::core::json::{Object, Writer};

/// The schema that this release writes; an unknown one is left alone.
const VERSION: i64 = 1;

/// How many characters name a sign-in.
const LOGIN: usize = 22;

/// In the place of a generation: when somebody last used the session.
const USED: &str = "used";

/// A key of storage and what stands under it.
#[derive(Clone, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "storage knows keys and values and nothing else")]
pub struct Item {
    /// The key.
    pub key: String,
    /// The value; it may hold tokens.
    pub value: String,
}

impl std::fmt::Debug for Item {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.key)
    }
}

/// One generation of a session, with all that is needed to go on from it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Entry {
    /// Names the sign-in that it belongs to.
    pub(super) login: String,
    pub(super) generation: u64,
    /// Sent with the refresh of this generation, the same one however often it is sent.
    pub(super) attempt: String,
    pub(super) access_token: Token,
    pub(super) refresh_token: Option<Token>,
    /// When it was received, in milliseconds of the wall clock.
    pub(super) received_at: f64,
    /// By how many milliseconds that was moved, as the clock was set. When the session is over is not: the clock may be
    /// set right again.
    pub(super) moved: f64,
    /// Seconds from receipt to the access token's end.
    pub(super) life: Option<f64>,
    pub(super) session_id: Option<String>,
    /// When the session is over, in milliseconds of the wall clock.
    pub(super) session_ends_at: Option<f64>,
    /// Tells the access token that the application handed in last.
    pub(super) given: Option<i64>,
    /// When somebody last used the session, where storage says so.
    pub(super) used: Option<Used>,
}

impl Entry {
    /// The items that make this the newest generation, and its sign-in the current one.
    pub(super) fn items(&self, key: &str) -> Vec<Item> {
        let mut pointer = Writer::new();
        pointer.int("v", VERSION).string("login", &self.login);
        let pointer = Item { key: String::from(key), value: pointer.finish() };
        // The entry first: whoever sees the new name finds what it names.
        vec![self.item(key), pointer]
    }

    /// The item that makes this the newest generation of its sign-in, whether or not that one is
    /// still the current one.
    pub(super) fn item(&self, key: &str) -> Item {
        let mut entry = Writer::new();
        entry
            .int("v", VERSION)
            .string("attempt", &self.attempt)
            .string("access_token", self.access_token.expose())
            .int("received_at", whole(self.received_at));
        if let Some(token) = &self.refresh_token {
            entry.string("refresh_token", token.expose());
        }
        if let Some(life) = self.life {
            entry.int("life_ms", whole(life * 1_000.0));
        }
        if let Some(id) = &self.session_id {
            entry.string("session_id", id);
        }
        if self.moved != 0.0 {
            entry.int("moved_ms", whole(self.moved));
        }
        if let Some(given) = self.given {
            entry.int("given", given);
        }
        if let Some(end) = self.session_ends_at {
            entry.int("session_ends_at", whole(end));
        }
        Item { key: self.key(key), value: entry.finish() }
    }

    /// How much of the session was left when it was received, in milliseconds.
    pub(super) fn session_left(&self) -> Option<f64> {
        Some(self.session_ends_at? - (self.received_at - self.moved))
    }

    /// It was received then, by a wall clock that was set since.
    pub(super) fn received_when(&mut self, wall: f64) {
        if wall.is_finite() {
            self.moved += wall - self.received_at;
            self.received_at = wall;
        }
    }

    /// The key under which this generation is stored.
    pub(super) fn key(&self, key: &str) -> String {
        [key, &self.login, &digits(i64::try_from(self.generation).unwrap_or(i64::MAX))].join(":")
    }

    /// The item that says when the session was last used, in milliseconds of the wall clock, and of use although it seemed to
    /// be over the first and the last time and how many milliseconds between them must not have passed.
    pub(super) fn used_item(&self, key: &str, used: Used) -> Item {
        let late = used.late.map(|late| [late.first, late.last, late.missing]);
        let times = [used.at].into_iter().chain(late.into_iter().flatten());
        let times: Vec<_> = times.map(|time| digits(whole(time))).collect();
        Item { key: [key, &self.login, USED].join(":"), value: times.join(" ") }
    }

    fn parse(login: &str, generation: u64, json: &str) -> Option<Self> {
        let object = Object::parse(json.as_bytes())?;
        let text = |name| object.string(name).map(String::from);
        let number = |name| object.get(name).and_then(|v| v.as_number()).map(|n| n.as_f64());
        (number("v")? == 1.0).then_some(())?;
        let access_token = text("access_token")?;
        // There was no room for it.
        let is_spared = access_token.is_empty();
        Some(Self {
            login: String::from(login),
            generation,
            attempt: text("attempt")?,
            access_token: Token::new(access_token),
            refresh_token: text("refresh_token").map(Token::new),
            received_at: number("received_at")?,
            moved: number("moved_ms").unwrap_or(0.0),
            life: if is_spared { Some(0.0) } else { number("life_ms").map(|ms| ms / 1_000.0) },
            session_id: text("session_id"),
            session_ends_at: number("session_ends_at"),
            given: object.get("given").and_then(|v| v.as_number()).and_then(|n| n.as_i64()),
            used: None,
        })
    }
}

/// When somebody used a session, in milliseconds of the wall clock.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Used {
    /// For the last time before it seemed to be over.
    pub(super) at: f64,
    /// Since.
    pub(super) late: Option<Late<f64>>,
}

/// Use of a session that seemed to be over already.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Late<T> {
    /// For the first and the last time.
    pub(super) first: T,
    pub(super) last: T,
    /// How much of the time between them must not have passed, as the session would have ended in it, in milliseconds.
    pub(super) missing: f64,
}

impl<T> Late<T> {
    pub(super) fn map<U>(self, make: impl Fn(T) -> U) -> Late<U> {
        Late { first: make(self.first), last: make(self.last), missing: self.missing }
    }
}

impl Used {
    /// Whether it is the same but for rounding.
    pub(super) fn is_about(&self, other: &Self) -> bool {
        let last = |used: &Self| used.late.map_or(used.at, |late| late.last);
        (self.at - other.at).abs() <= 1.0 && (last(self) - last(other)).abs() <= 1.0
    }

    fn parse(times: &str) -> Option<Self> {
        #[allow(clippy::cast_precision_loss, reason = "milliseconds need no more digits")]
        let wall = |time: &str| time.parse::<i64>().ok().map(|wall| wall as f64);
        let mut times = times.split_ascii_whitespace().map_while(wall);
        let at = times.next()?;
        let late = times.next().zip(times.next()).filter(|(first, last)| first <= last);
        let missing = times.next().map_or(0.0, |it| it.max(0.0));
        Some(Self { at, late: late.map(|(first, last)| Late { first, last, missing }) })
    }
}

/// The last thing that stands under the storage key, for as long as it takes to remove it: whoever
/// is told of either learns why the session is over.
#[derive(Debug, PartialEq)]
pub(super) struct Farewell {
    pub(super) login: String,
    pub(super) reason: EndReason,
}

impl Farewell {
    /// What to write to the sign-in that is named among `items`.
    pub(super) fn to(key: &str, items: &[Item], reason: EndReason) -> Option<Item> {
        let mut pointer = Writer::new();
        let named = items.iter().find(|item| item.key == key)?;
        let login = Object::parse(named.value.as_bytes())?.string("login").map(String::from)?;
        pointer.int("v", VERSION).string("login", &login).string("over", reason.as_str());
        Some(Item { key: String::from(key), value: pointer.finish() })
    }

    /// Reads what stood under the storage key.
    pub(super) fn parse(pointer: &str) -> Option<Self> {
        let object = Object::parse(pointer.as_bytes()).filter(|it| version(it) == Some(VERSION))?;
        let reason = match object.string("over")? {
            "signedOut" => EndReason::SignedOut,
            code => EndReason::from_wire(Some(code)),
        };
        Some(Self { login: String::from(object.string("login")?), reason })
    }
}

fn version(object: &Object<'_>) -> Option<i64> {
    object.get("v")?.as_number()?.as_i64()
}

/// What storage holds.
#[derive(Debug, PartialEq)]
#[allow(clippy::large_enum_variant, reason = "there is one at a time")]
pub(super) enum Found {
    /// Nobody's session.
    Nothing,
    /// The newest generation of the current sign-in.
    Session(Entry),
    /// Something that a newer release wrote.
    Unknown,
}

impl Found {
    /// Finds the current session among the items under `key`.
    pub(super) fn among(key: &str, items: &[Item]) -> Self {
        let Some(pointer) = items.iter().find(|item| item.key == key) else { return Self::Nothing };
        let Some(pointer) = Object::parse(pointer.value.as_bytes()) else { return Self::Nothing };
        match version(&pointer) {
            Some(VERSION) if pointer.string("over").is_none() => {}
            Some(VERSION) => return Self::Nothing,
            Some(_) => return Self::Unknown,
            None => return Self::Nothing,
        }
        let login = pointer.string("login").unwrap_or_default();
        let entries = items.iter().filter_map(|item| {
            let (of, generation) = split(key, &item.key)?;
            if of == login { Entry::parse(login, generation?, &item.value) } else { None }
        });
        let Some(newest) = entries.max_by_key(|entry| entry.generation) else {
            return Self::Nothing;
        };
        let used = items.iter().find(|item| split(key, &item.key) == Some((login, None)));
        let used = used.and_then(|item| Used::parse(&item.value));
        Self::Session(Entry { used, ..newest })
    }
}

/// The keys of the generations of one sign-in before `next`.
pub(super) fn older(key: &str, items: &[Item], login: &str, next: u64) -> Vec<String> {
    let is_older = |item: &&Item| {
        split(key, &item.key).is_some_and(|(of, it)| of == login && it.is_some_and(|it| it < next))
    };
    items.iter().filter(is_older).map(|item| item.key.clone()).collect()
}

/// The keys of one sign-in, whatever they hold.
pub(super) fn all_of(key: &str, items: &[Item], login: &str) -> Vec<String> {
    let is_of = |item: &&Item| split(key, &item.key).is_some_and(|(of, _)| of == login);
    items.iter().filter(is_of).map(|item| item.key.clone()).collect()
}

/// The keys that are of no use beside `kept`; all of ours where nothing is kept.
pub(super) fn superfluous(key: &str, items: &[Item], kept: Option<&Entry>) -> Vec<String> {
    let is_superfluous = |item: &&Item| match (split(key, &item.key), kept) {
        (Some((login, generation)), Some(kept)) => {
            login != kept.login || generation.is_some_and(|it| it < kept.generation)
        }
        (Some(_), None) => true,
        (None, kept) => kept.is_none() && item.key == key,
    };
    let keys = |first: bool| {
        let keys = items.iter().filter(is_superfluous).map(|item| &item.key);
        keys.filter(move |name| (*name == key) == first).cloned()
    };
    // The name first: to other tabs its removal means a sign-out, and not that storage was lost.
    keys(true).chain(keys(false)).collect()
}

/// Login and generation that a key of ours names; no generation where it says when the session was used.
fn split<'a>(key: &str, name: &'a str) -> Option<(&'a str, Option<u64>)> {
    let (login, rest) = name.strip_prefix(key)?.strip_prefix(':')?.split_once(':')?;
    // Another client's key may begin as this one does: "app" and "app:eu:2".
    if login.len() != LOGIN {
        return None;
    }
    if rest == USED {
        return Some((login, None));
    }
    Some((login, Some(rest.parse().ok()?)))
}

fn digits(number: i64) -> String {
    let mut digits = String::new();
    crate::core::json::integer(&mut digits, number);
    digits
}

#[allow(clippy::cast_possible_truncation, reason = "it saturates, and the fraction is not needed")]
const fn whole(number: f64) -> i64 {
    number as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "aaaaaaaaaaaaaaaaaaaaaa";
    const B: &str = "bbbbbbbbbbbbbbbbbbbbbb";

    fn entry(login: &str, generation: u64) -> Entry {
        Entry {
            login: login.into(),
            generation,
            attempt: "attempt".into(),
            access_token: Token::new("access".into()),
            refresh_token: Some(Token::new("refresh".into())),
            received_at: 1e12,
            moved: -7.0,
            life: Some(300.0),
            session_id: Some("a.b".into()),
            session_ends_at: Some(2e12),
            given: Some(i64::MIN),
            used: None,
        }
    }

    fn stored(entries: &[Entry]) -> Vec<Item> {
        let mut items: Vec<Item> = Vec::new();
        for item in entries.iter().flat_map(|entry| entry.items("k")) {
            items.retain(|old| old.key != item.key);
            items.push(item);
        }
        items
    }

    #[test]
    fn what_is_stored_is_found_again() {
        assert_eq!(Found::among("k", &[]), Found::Nothing);
        assert_eq!(Found::among("k", &stored(&[entry(A, 3)])), Found::Session(entry(A, 3)));
    }

    #[test]
    fn the_highest_generation_of_the_last_sign_in_wins_in_any_order() {
        let items = stored(&[entry(B, 10), entry(A, 11), entry(A, 9)]);
        assert_eq!(Found::among("k", &items), Found::Session(entry(A, 11)));
        let late = stored(&[entry(A, 1), entry(B, 1), entry(A, 2), entry(B, 1)]);
        assert_eq!(Found::among("k", &late), Found::Session(entry(B, 1)));
    }

    #[test]
    fn a_newer_schema_is_left_alone_and_damage_is_nothing() {
        let pointer = |value: &str| [Item { key: "k".into(), value: value.into() }];
        assert_eq!(Found::among("k", &pointer(r#"{"v":2,"x":1}"#)), Found::Unknown);
        assert_eq!(Found::among("k", &pointer("{")), Found::Nothing);
        assert_eq!(Found::among("k", &pointer(r#"{"v":1,"login":"a"}"#)), Found::Nothing);
    }

    #[test]
    fn only_what_is_ours_and_older_is_superfluous() {
        let mut items = stored(&[entry(A, 1), entry(B, 1), entry(B, 2), entry(B, 3)]);
        for key in ["k:x", "k2", "k:eu:2", "k:eu:used"] {
            items.push(Item { key: key.into(), value: String::new() });
        }
        let keys = [format!("k:{A}:1"), format!("k:{B}:1")];
        assert_eq!(superfluous("k", &items, Some(&entry(B, 2))), keys);
        assert_eq!(superfluous("k", &items, None).len(), 5);
    }

    #[test]
    fn when_a_session_was_used_is_found_with_it_and_goes_with_it() {
        let mut items = stored(&[entry(A, 1), entry(A, 2)]);
        items.push(entry(B, 1).used_item("k", Used { at: 7.0, late: None }));
        let late = Late { first: 1.6e12, last: 1.7e12, missing: 7.0 };
        let used = Used { at: 1.5e12, late: Some(late) };
        items.push(entry(A, 1).used_item("k", used));
        let Found::Session(found) = Found::among("k", &items) else { panic!() };
        assert_eq!((found.generation, found.used), (2, Some(used)));
        assert_eq!(
            superfluous("k", &items, Some(&found)),
            [format!("k:{A}:1"), format!("k:{B}:used")]
        );
        let all = [1, 2].map(|generation| format!("k:{A}:{generation}"));
        assert_eq!(older("k", &items, A, u64::MAX), all);
        assert_eq!(all_of("k", &items, A), [&all[..], &[format!("k:{A}:used")]].concat());
    }

    #[test]
    fn stored_items_do_not_print_their_tokens() {
        assert_eq!(format!("{:?}", entry(A, 1).items("k")), format!("[k:{A}:1, k]"));
    }
}

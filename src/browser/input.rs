//! What the shell tells the machine, from JSON: `do` names it, the rest is what it brings.

use crate::core::json::{Object, Value};
use crate::core::session::{Answer, Caller, Entropy, Input, Item, Settings, Stamp, Token};

/// What is none of these, or cannot be read, means that time has passed.
pub(super) fn read(json: &str) -> Input {
    let told = Told(Object::parse(json.as_bytes()).unwrap_or_default());
    match told.text("do") {
        "start" => Input::Start,
        "stored" => Input::Stored { read: told.index("read"), items: told.items() },
        "storageFailed" => Input::StorageFailed,
        "storageChanged" => Input::StorageChanged,
        "said" => Input::Said(told.string("pointer")),
        "tokens" => Input::Tokens {
            caller: told.caller(),
            json: told.string("json"),
            entropy: told.entropy(),
        },
        "ask" => Input::Ask {
            caller: told.caller(),
            min_validity: told.number("seconds"),
            force: told.flag("force"),
        },
        "unauthorized" => Input::Unauthorized {
            caller: told.caller(),
            used: told.stamp(),
            challenge: told.optional("challenge"),
        },
        "replayed" => Input::Replayed { used: told.stamp(), accepted: told.flag("accepted") },
        "answered" => Input::Answered {
            flight: told.index("flight"),
            answer: told.answer(),
            entropy: told.entropy(),
        },
        "signOut" => Input::SignOut { caller: told.caller(), revoke: told.flag("revoke") },
        "revoked" => Input::Revoked {
            caller: told.some_number("caller").map(|_| told.caller()),
            accepted: told.flag("accepted"),
        },
        "online" => Input::Online,
        "alone" => Input::Alone,
        "jar" => Input::Jar { generation: told.stamp().generation, entropy: told.entropy() },
        "passed" => Input::Passed {
            used: told.stamp(),
            token: Token::new(told.string("token")),
            entropy: told.entropy(),
        },
        "active" => Input::Active,
        "auto" => Input::AutoRefresh(true),
        "manual" => Input::AutoRefresh(false),
        "dispose" => Input::Dispose,
        _ => Input::Wake,
    }
}

/// The settings, with the names of [`Settings`].
pub(super) fn settings(json: &str) -> Settings {
    let told = Told(Object::parse(json.as_bytes()).unwrap_or_default());
    Settings {
        storage_key: told.string("storageKey"),
        refresh_before_expiry: told.number("refreshBeforeExpiry"),
        request_timeout: told.number("requestTimeout"),
        idle_timeout: told.some_number("idleTimeout").filter(|seconds| *seconds > 0.0),
        lock_wait: told.number("lockWait"),
        auto_refresh: told.flag("autoRefresh"),
        can_refresh: told.flag("canRefresh"),
        own_refresh: told.flag("ownRefresh"),
        lazy_start: told.flag("lazyStart"),
        cookie: told.flag("cookie"),
        can_revoke: told.flag("canRevoke"),
        origins: told.list("origins").iter().map(text).collect(),
        seed: whole(told.number("seed") * 4_294_967_295.0),
    }
}

/// The shell writes what it says itself: what is missing was left out on purpose.
struct Told<'a>(Object<'a>);

impl<'a> Told<'a> {
    fn text(&self, name: &str) -> &str {
        self.0.string(name).unwrap_or_default()
    }

    fn string(&self, name: &str) -> String {
        self.text(name).into()
    }

    fn optional(&self, name: &str) -> Option<String> {
        self.0.string(name).map(String::from)
    }

    fn flag(&self, name: &str) -> bool {
        matches!(self.0.get(name), Some(Value::Bool(true)))
    }

    fn some_number(&self, name: &str) -> Option<f64> {
        Some(self.0.get(name)?.as_number()?.as_f64())
    }

    fn number(&self, name: &str) -> f64 {
        self.some_number(name).unwrap_or_default()
    }

    fn index(&self, name: &str) -> u32 {
        whole(self.number(name))
    }

    fn list(&self, name: &str) -> &[Value<'a>] {
        self.0.get(name).and_then(Value::as_array).unwrap_or_default()
    }

    fn caller(&self) -> Caller {
        Caller(self.index("caller"))
    }

    fn stamp(&self) -> Stamp {
        stamp(self.index("session"), self.number("generation"))
    }

    /// One character a byte. Too few would be the shell's fault, and no session could be made of them.
    fn entropy(&self) -> Entropy {
        let mut bytes = [0; 32];
        for (byte, random) in bytes.iter_mut().zip(self.text("entropy").chars()) {
            *byte = u8::try_from(random).unwrap_or_default();
        }
        Entropy(bytes)
    }

    fn items(&self) -> Vec<Item> {
        let item = |pair: &Value<'_>| match pair.as_array() {
            Some([key, value]) => Some(Item { key: text(key), value: text(value) }),
            _ => None,
        };
        self.list("items").iter().filter_map(item).collect()
    }

    /// What a refresh came to: without a status it was the application's own, and one of 0 means that
    /// nobody answered.
    fn answer(&self) -> Answer {
        let retry_after = self.some_number("retryAfter");
        match self.some_number("status") {
            Some(0.0) => Answer::Unreachable,
            Some(status) => Answer::Http {
                status: u16::try_from(whole(status)).unwrap_or_default(),
                retry_after,
                body: self.string("body"),
            },
            None => match self.optional("json") {
                Some(json) => Answer::Tokens(json),
                None => Answer::Refused {
                    error: self.optional("error"),
                    code: self.optional("code"),
                    reason: self.optional("reason"),
                    retry_after,
                },
            },
        }
    }
}

fn text(value: &Value<'_>) -> String {
    value.as_str().unwrap_or_default().into()
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it saturates")]
const fn whole(number: f64) -> u32 {
    number as u32
}

/// Which sign-in and generation a token belongs to.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it was an integer")]
pub(super) const fn stamp(session: u32, generation: f64) -> Stamp {
    Stamp { session, generation: generation as u64 }
}

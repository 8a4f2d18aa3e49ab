//! The account as JSON, the way stores keep it.
//!
//! A record of a newer release is never rewritten by an older one: it is left alone, and the
//! request is answered as one that may succeed later, elsewhere.

use super::attempt::Tag;
use super::budget::Budget;
use super::hex;
use super::past::Past;
use super::record::{Account, Ending, Tombstone};
use super::refusal::Refusal;
use super::session::{Access, Device, Granted, Proof, Session};
use crate::core::error::{Code, Error};
use crate::core::json::{Object, Value, Writer, quote};

/// The form that this release writes.
const SCHEMA: i64 = 1;

impl Account {
    /// The record's text.
    #[must_use]
    pub fn write(&self) -> String {
        let mut json = Writer::new();
        json.int("v", SCHEMA).string("subject", &self.subject);
        json.int("permissions", int(self.permissions)).int("not_before", self.not_before);
        json.int("sign_outs", int(self.sign_outs));
        json.array("sessions", self.sessions.iter().map(write_session));
        json.array("ended", self.tombstones.iter().map(write_tombstone));
        json.finish()
    }

    /// Reads a record.
    ///
    /// # Errors
    /// `ERR_REFRESH_UNAVAILABLE` for one of a newer release, `ERR_STORE` for one that is damaged.
    pub fn read(text: &str) -> Result<Self, Error> {
        let object = Object::parse(text.as_bytes()).ok_or(DAMAGED)?;
        let from = From(&object);
        if from.int("v").ok_or(DAMAGED)? > SCHEMA {
            return Err(Refusal::NewerRecord.error());
        }
        from.account().ok_or(DAMAGED)
    }
}

const DAMAGED: Error =
    Error::new(Code::Store, "the store gave a record that is damaged; nothing was changed");

fn write_session(session: &Session) -> String {
    let mut json = Writer::new();
    json.string("id", &session.id).string("client", &session.client);
    json.int("gen", int(session.generation)).int("rotated", session.rotated_at);
    json.string("tags", &tags(&session.tags)).bool("absent", session.absent_counted);
    json.string("past", &session.past.write(session.rotated_at));
    json.int("budget", session.budget.when_full());
    json.int("created", session.created).int("used", session.last_used);
    json.int("idle", session.idle_ttl).int("end", session.absolute_end);
    json.raw("access", &write_access(&session.access));
    json.raw("grant", &write_grant(&session.grant, &session.grant.device));
    if let Some(elevated) = &session.elevated {
        let mut proof = Writer::new();
        write_proof(&mut proof, elevated);
        json.raw("elevated", &proof.finish());
    }
    let denied = session.denied.iter().map(|(jti, exp)| {
        let mut json = Writer::new();
        json.string("jti", jti).int("exp", *exp);
        json.finish()
    });
    json.array("denied", denied).int("denied_to", session.denied_to);
    json.finish()
}

fn write_access(access: &Access) -> String {
    let mut json = Writer::new();
    json.string("jti", &access.jti).int("iat", access.iat).int("exp", access.exp);
    optional(&mut json, "scope", access.scope.as_deref());
    json.int("permissions", int(access.permissions)).raw("claims", &access.claims);
    json.finish()
}

pub(super) fn write_grant(grant: &Granted, device: &Device) -> String {
    let mut json = Writer::new();
    write_proof(&mut json, &grant.proof);
    optional(&mut json, "scope", grant.scope.as_deref());
    json.array("aud", grant.audience.iter().map(|audience| quoted(audience)));
    json.raw("claims", &grant.claims);
    optional(&mut json, "label", device.label.as_deref());
    optional(&mut json, "user_agent", device.user_agent.as_deref());
    optional(&mut json, "ip", device.ip.as_deref());
    json.finish()
}

fn write_proof(json: &mut Writer, proof: &Proof) {
    json.int("auth_time", proof.auth_time);
    optional(json, "acr", proof.acr.as_deref());
    json.array("amr", proof.amr.iter().map(|method| quoted(method)));
}

fn write_tombstone(tombstone: &Tombstone) -> String {
    let mut json = Writer::new();
    json.string("id", &tombstone.id).string("why", tombstone.why.name());
    json.int("until", tombstone.until);
    json.finish()
}

/// Reads typed members of an object; `None` wherever one is missing or of another type.
pub(super) struct From<'a>(pub(super) &'a Object<'a>);

impl From<'_> {
    fn account(&self) -> Option<Account> {
        let mut account = Account::new(self.text("subject")?);
        account.permissions = self.count("permissions")?;
        account.not_before = self.int("not_before")?;
        account.sign_outs = self.count("sign_outs").unwrap_or(0);
        account.sessions = self.each("sessions", |session| session.session())?;
        account.tombstones = self.each("ended", |ended| ended.tombstone())?;
        Some(account)
    }

    fn session(&self) -> Option<Session> {
        let rotated_at = self.int("rotated")?;
        let tags = hex::read(self.0.string("tags")?, 16)?;
        Some(Session {
            id: self.text("id")?,
            client: self.text("client")?,
            generation: self.count("gen")?,
            rotated_at,
            tags: tags.into_iter().map(Tag).collect(),
            absent_counted: matches!(self.0.get("absent")?, Value::Bool(true)),
            past: Past::read(self.0.string("past")?, rotated_at)?,
            budget: Budget::full_at(self.int("budget")?),
            access: self.part("access")?.access()?,
            denied: self
                .each("denied", |denied| Some((denied.text("jti")?, denied.int("exp")?)))?,
            denied_to: self.int("denied_to").unwrap_or(0),
            created: self.int("created")?,
            last_used: self.int("used")?,
            idle_ttl: self.int("idle")?,
            absolute_end: self.int("end")?,
            grant: self.part("grant")?.grant()?,
            elevated: self.part("elevated").and_then(|proof| proof.proof()),
        })
    }

    fn access(&self) -> Option<Access> {
        Some(Access {
            jti: self.text("jti")?,
            iat: self.int("iat")?,
            exp: self.int("exp")?,
            scope: self.text("scope"),
            permissions: self.count("permissions")?,
            claims: self.raw("claims")?,
        })
    }

    pub(super) fn grant(&self) -> Option<Granted> {
        Some(Granted {
            proof: self.proof()?,
            scope: self.text("scope"),
            audience: self.texts("aud")?,
            claims: self.raw("claims")?,
            device: Device {
                label: self.text("label"),
                user_agent: self.text("user_agent"),
                ip: self.text("ip"),
            },
        })
    }

    fn proof(&self) -> Option<Proof> {
        Some(Proof {
            auth_time: self.int("auth_time")?,
            acr: self.text("acr"),
            amr: self.texts("amr")?,
        })
    }

    fn tombstone(&self) -> Option<Tombstone> {
        let why = Ending::named(self.0.string("why")?)?;
        Some(Tombstone { id: self.text("id")?, why, until: self.int("until")? })
    }

    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.0.string(name).map(String::from)
    }

    pub(super) fn int(&self, name: &str) -> Option<i64> {
        self.0.get(name)?.as_number()?.as_i64()
    }

    pub(super) fn count(&self, name: &str) -> Option<u64> {
        self.0.get(name)?.as_number()?.as_u64()
    }

    /// A nested object, as it was written.
    fn raw(&self, name: &str) -> Option<String> {
        let member = self.0.members().iter().find(|member| member.name == name)?;
        member.value.as_object().map(|_| String::from(member.raw))
    }

    pub(super) fn part(&self, name: &str) -> Option<From<'_>> {
        self.0.get(name)?.as_object().map(From)
    }

    fn texts(&self, name: &str) -> Option<Vec<String>> {
        let items = self.0.get(name)?.as_array()?;
        items.iter().map(|item| item.as_str().map(String::from)).collect()
    }

    fn each<T>(&self, name: &str, read: impl Fn(From<'_>) -> Option<T>) -> Option<Vec<T>> {
        let items = self.0.get(name)?.as_array()?;
        items.iter().map(|item| read(From(item.as_object()?))).collect()
    }
}

impl Ending {
    const fn name(self) -> &'static str {
        match self {
            Self::Revoked => "revoked",
            Self::Reuse => "reuse",
            Self::Evicted => "evicted",
        }
    }

    fn named(name: &str) -> Option<Self> {
        [Self::Revoked, Self::Reuse, Self::Evicted].into_iter().find(|ending| ending.name() == name)
    }
}

fn optional(json: &mut Writer, name: &str, value: Option<&str>) {
    if let Some(value) = value {
        json.string(name, value);
    }
}

fn quoted(text: &str) -> String {
    let mut out = String::new();
    quote(&mut out, text);
    out
}

fn tags(tags: &[Tag]) -> String {
    let mut text = String::new();
    for tag in tags {
        hex::push(&mut text, tag.0, 16);
    }
    text
}

/// Counters stay far below what JSON readers keep exact.
fn int(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

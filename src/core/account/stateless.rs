//! Stateless mode: a refresh token that carries its session, for issuers that keep none.
//!
//! It is a JWT ([RFC 7519]) with a type and a key of its own, so that it never passes for an access
//! token, nor one of those for it. What it carries can be read by whoever holds it, and each one is
//! good until its end: nobody sees whether it was used before.
//!
//! [RFC 7519]: https://www.rfc-editor.org/rfc/rfc7519

use hmac_sha256::HMAC;

use super::answer::Answer;
use super::codec::{self, RefreshToken, Secrets, checksum_of};
use super::record::{Account, SignIn};
use super::record_json::{From, write_grant};
use super::refusal::Refusal;
use super::session::{Access, Device, Session};
use crate::core::error::{Code, Error};
use crate::core::json::{Object, Writer};
use crate::core::secret::equal;
use crate::core::token::compact::UntrustedToken;
use crate::core::token::{base64url, draft};

/// The longest token that is looked at, in bytes: with its client's id it fits into a cookie.
pub const MAX_LENGTH: usize = 3600;
/// What a counter and two instants may add to a token while it is renewed.
const GROWTH: usize = 32;
/// The header's `typ`.
const TYPE: &str = "rt+jwt";
/// The name of a secret in base64url; in the header's `kid` a checksum follows, by which damage is
/// told from a secret that this server has yet to learn.
const ID_LENGTH: usize = 8;

impl Secrets {
    /// The refresh token that carries the session of this answer.
    ///
    /// # Errors
    /// `ERR_OPTIONS` naming `claims`, at a sign-in that says more than a cookie holds.
    pub fn carry(&self, answer: &Answer<'_>) -> Result<String, Error> {
        let Some(key) = self.first() else { return Ok(String::new()) };
        let session = answer.session;
        let mut json = Writer::new();
        json.string("sub", &answer.account.subject).string("client_id", &session.client);
        json.string("sid", &answer.sid());
        json.int("iat", session.last_used).int("exp", session.refresh_end());
        json.int("gen", i64::try_from(session.generation).unwrap_or(i64::MAX));
        json.int("created", session.created).int("end", session.absolute_end);
        // Where it comes from is said anew by each refresh, and is nothing to travel in the open.
        let grant = write_grant(&session.grant, &Device::default());
        json.int("idle", session.idle_ttl).raw("grant", &grant);
        let payload = json.finish();
        let mut header = Writer::new();
        header.string("alg", "HS256").string("kid", &name(&key.id, &payload)).string("typ", TYPE);
        let input = draft::signing_input(&header.finish(), &payload);
        let token = draft::token(&input, &HMAC::mac(&input, key.carrier.expose()));
        if session.generation == 1 && token.len() > MAX_LENGTH.saturating_sub(GROWTH) {
            return Err(TOO_LONG.about("claims"));
        }
        Ok(token)
    }

    /// The token and what it carries, where we made it: the account that a store would hold, with
    /// one session. Whether that is over, and whose it is, is for [`super::decide`] to say.
    ///
    /// # Errors
    /// [`Refusal::Invalid`], or [`Refusal::UnknownSecret`] where another server may know better.
    pub fn open(&self, token: &str, issuer: &str) -> Result<(RefreshToken, Account), Refusal> {
        if token.len() > MAX_LENGTH {
            return Err(Refusal::Invalid);
        }
        let token = UntrustedToken::parse(token).map_err(|_| Refusal::Invalid)?;
        let header = token.header();
        let payload = std::str::from_utf8(token.payload()).map_err(|_| Refusal::Invalid)?;
        let kid = header.kid.as_deref().filter(|_| header.typ.as_deref() == Some(TYPE));
        let id = kid.and_then(|kid| kid.get(..ID_LENGTH)).ok_or(Refusal::Invalid)?;
        if kid != Some(&*name(id, payload)) {
            return Err(Refusal::Invalid);
        }
        let mac = HMAC::mac(token.signing_input(), self.key(id)?.carrier.expose());
        let genuine = equal(&mac, token.signature());
        read(payload, issuer).filter(|_| genuine).ok_or(Refusal::Invalid)
    }
}

/// The `kid` of a token under the secret of this name.
fn name(id: &str, payload: &str) -> String {
    [id, &*base64url::encode(&checksum_of(payload, id.as_bytes()))].concat()
}

fn read(payload: &str, issuer: &str) -> Option<(RefreshToken, Account)> {
    let object = Object::parse(payload.as_bytes())?;
    let from = From(&object);
    let subject = from.text("sub")?;
    let (handle, session) = codec::split_sid(object.string("sid")?)?;
    // Issuers may share their secrets.
    if handle != codec::handle(issuer, &subject) {
        return None;
    }
    let created = from.int("created")?;
    let sign_in = SignIn {
        id: String::from(session),
        client: from.text("client_id")?,
        grant: from.part("grant")?.grant()?,
        idle_ttl: from.int("idle")?,
        absolute_ttl: from.int("end")?.saturating_sub(created),
        access: Access::default(),
    };
    let mut account = Account::new(subject);
    let mut live = Session::of(sign_in, created);
    live.generation = from.count("gen")?;
    live.last_used = from.int("iat")?;
    live.rotated_at = live.last_used;
    let (handle, session) = (String::from(handle), String::from(session));
    let token = RefreshToken::carrying(handle, session, live.generation);
    account.sessions.push(live);
    Some((token, account))
}

const TOO_LONG: Error = Error::new(
    Code::Options,
    "without a store the refresh token carries the claims, the scope and all else of the session, \
     and this is more than a cookie holds; keep ids in the claims",
);

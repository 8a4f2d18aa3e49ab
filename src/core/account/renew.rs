//! One-token mode: an access token that is renewed near its end, until the end that its sign-in set.
//!
//! The successor follows from the token and the time alone, the same one within each window: requests
//! that renew at once agree without asking each other.

use hmac_sha256::Hash;

use super::access::AccessToken;
use crate::core::error::{Code, Error};
use crate::core::json::{Object, Value, Writer};
use crate::core::token::base64url;

/// The claim that says until when a token may be renewed; tokens of a pair have none.
pub const UNTIL: &str = "renew_until";

/// When tokens are renewed, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "options")]
pub struct Renewal {
    /// How long a token lives.
    pub life: i64,
    /// How long before its end it is renewed; less than its life.
    pub before: i64,
    /// How long after its end it still is.
    pub after: i64,
    /// How long after the sign-in it is.
    pub absolute: i64,
}

impl Renewal {
    /// The claims of a sign-in, with the end of its renewals.
    #[must_use]
    pub fn begin(self, claims: &str, now: i64) -> String {
        let mut json = Writer::new();
        for member in Object::parse(claims.as_bytes()).unwrap_or_default().members() {
            json.raw(&member.name, member.raw);
        }
        json.int(UNTIL, now.saturating_add(self.absolute));
        json.finish()
    }

    /// The claims of a verified token's successor; `None` while there is nothing to gain.
    ///
    /// # Errors
    /// `ERR_SESSION_ENDED` after the end that the sign-in set, `ERR_JWT_EXPIRED` where the token is
    /// over for too long, `ERR_JWT_CLAIM_VALIDATION_FAILED` where it is not of this mode.
    pub fn renew(
        self,
        claims: &Object<'_>,
        token: &AccessToken,
        now: i64,
    ) -> Result<Option<String>, Error> {
        let until = claims.get(UNTIL).and_then(Value::as_number).and_then(|until| until.as_i64());
        let until = until.ok_or_else(|| OTHER_MODE.claim(UNTIL).reason("missing"))?;
        if now >= until {
            return Err(ENDED);
        }
        let before = self.before.max(1);
        let start = token.exp.saturating_sub(before).max(token.iat.saturating_add(1));
        if now < start {
            return Ok(None);
        }
        if now >= token.exp.saturating_add(self.after) {
            return Err(OVER);
        }
        let window = now.saturating_sub(start).checked_div(before).unwrap_or(0);
        let iat = start.saturating_add(window.saturating_mul(before));
        let exp = iat.saturating_add(self.life).min(until);
        if exp <= token.exp {
            return Ok(None);
        }
        let mut json = Writer::new();
        for member in claims.members() {
            match &*member.name {
                "exp" => json.int("exp", exp),
                "iat" => json.int("iat", iat),
                "jti" => json.string("jti", &successor(token, window)),
                name => json.raw(name, member.raw),
            };
        }
        Ok(Some(json.finish()))
    }
}

/// The name of a token's successor in one of its windows.
fn successor(token: &AccessToken, window: i64) -> String {
    let mut hash = Hash::new();
    hash.update(b"evertoken renewal");
    hash.update(window.to_be_bytes());
    hash.update(token.name());
    base64url::encode(hash.finalize().get(..12).unwrap_or_default())
}

/// A TokenResponse for the token with these claims.
#[must_use]
pub fn response(access_token: &str, claims: &Object<'_>, now: i64) -> String {
    let left = |name| {
        let end = claims.get(name).and_then(Value::as_number).and_then(|end| end.as_i64());
        end.unwrap_or(0).saturating_sub(now).max(0)
    };
    let mut json = Writer::new();
    json.string("access_token", access_token).string("token_type", "Bearer");
    json.int("expires_in", left("exp")).int("session_expires_in", left(UNTIL));
    json.string("session_id", claims.string("sid").unwrap_or_default());
    if let Some(scope) = claims.string("scope") {
        json.string("scope", scope);
    }
    json.finish()
}

const ENDED: Error =
    Error::new(Code::SessionEnded, "the session has reached its end; sign in again");
const OVER: Error = Error::new(
    Code::JwtExpired,
    "the token is over for longer than the option renew.after allows; sign in again",
);
const OTHER_MODE: Error = Error::new(
    Code::JwtClaimValidationFailed,
    "this token came with a refresh token, or is none of ours: only one-token mode renews tokens",
);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::account::codec::{handle, session_id};

    const RENEWAL: Renewal = Renewal { life: 300, before: 75, after: 0, absolute: 1000 };

    fn token(iat: i64, exp: i64, until: i64) -> String {
        let sid = [handle("i", "s"), session_id([1; 12])].join(".");
        let mut json = Writer::new();
        json.string("sid", &sid).string("jti", "first").int("iat", iat).int("exp", exp);
        json.int("auth_time", 5).int(UNTIL, until);
        json.finish()
    }

    fn at(renewal: Renewal, claims: &str, now: i64) -> Result<Option<String>, Code> {
        let claims = Object::parse(claims.as_bytes()).unwrap();
        let token = AccessToken::read(&claims).unwrap();
        renewal.renew(&claims, &token, now).map_err(|error| error.code)
    }

    fn renewed(renewal: Renewal, claims: &str, now: i64) -> (String, i64, i64) {
        let claims = at(renewal, claims, now).unwrap().unwrap();
        let object = Object::parse(claims.as_bytes()).unwrap();
        assert_eq!(object.get("auth_time").unwrap().as_number().unwrap().as_i64(), Some(5));
        let token = AccessToken::read(&object).unwrap();
        (token.jti, token.iat, token.exp)
    }

    #[test]
    fn i16_nothing_early_then_a_successor_and_at_last_the_end() {
        let claims = token(0, 300, 1000);
        assert_eq!(at(RENEWAL, &claims, 224), Ok(None));
        let (_, iat, exp) = renewed(RENEWAL, &claims, 225);
        assert_eq!((iat, exp), (225, 525));
        assert_eq!(at(RENEWAL, &claims, 1000), Err(Code::SessionEnded));
        assert_eq!(at(RENEWAL, &token(700, 1000, 1000), 999), Ok(None), "nothing to gain");
        assert_eq!(renewed(RENEWAL, &token(600, 900, 1000), 899).2, 1000, "and never beyond");
    }

    #[test]
    fn i23_one_successor_in_each_window() {
        let claims = token(0, 300, 1000);
        assert_eq!(renewed(RENEWAL, &claims, 225), renewed(RENEWAL, &claims, 299));
        assert_eq!(at(RENEWAL, &claims, 300), Err(Code::JwtExpired));
        let late = Renewal { after: 400, ..RENEWAL };
        let (jti, iat, exp) = renewed(late, &claims, 640);
        assert_eq!((iat, exp), (600, 900));
        assert_ne!(jti, renewed(late, &claims, 299).0);
        assert_eq!(at(late, &claims, 700), Err(Code::JwtExpired));
    }

    #[test]
    fn i33_a_token_of_a_pair_is_refused() {
        let claims = token(0, 300, 1000).replace(UNTIL, "other");
        assert_eq!(at(RENEWAL, &claims, 250), Err(Code::JwtClaimValidationFailed));
    }

    #[test]
    fn a_sign_in_says_when_renewing_ends() {
        assert_eq!(RENEWAL.begin(r#"{"a":1}"#, 5), r#"{"a":1,"renew_until":1005}"#);
    }
}

//! Whether an access token still stands, as far as its subject's account knows.

use super::claims::PERMISSIONS;
use super::codec;
use super::record::Account;
use crate::core::error::{Code, Error};
use crate::core::json::{Object, Value};

/// The largest `clockTolerance` for which a token that was revoked singly stays so until its end.
pub const MAX_TOLERANCE: f64 = 60.0;

/// What an access token says about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AccessToken {
    /// Whose record it belongs to.
    pub handle: String,
    /// Which of the record's sessions it belongs to.
    pub session: String,
    /// Its name.
    pub jti: String,
    /// When it was made.
    pub iat: i64,
    /// When it ends.
    pub exp: i64,
    /// The permission version that it was made under.
    pub permissions: u64,
}

impl AccessToken {
    /// Reads verified claims.
    ///
    /// # Errors
    /// `ERR_TOKEN_REVOKED` where they name no session as ours do.
    pub fn read(claims: &Object<'_>) -> Result<Self, Error> {
        let number = |name| claims.get(name).and_then(Value::as_number);
        let instant = |name| number(name).and_then(|number| number.as_i64()).unwrap_or(i64::MAX);
        let sid = claims.string("sid").and_then(codec::split_sid);
        let ((handle, session), jti) = sid.zip(claims.string("jti")).ok_or(UNKNOWN)?;
        Ok(Self {
            handle: String::from(handle),
            session: String::from(session),
            jti: String::from(jti),
            iat: instant("iat"),
            exp: instant("exp"),
            permissions: number(PERMISSIONS).and_then(|number| number.as_u64()).unwrap_or(0),
        })
    }

    /// Its name among all tokens; it begins with the handle.
    #[must_use]
    pub fn name(&self) -> String {
        [&*self.handle, &self.session, &self.jti].join(".")
    }

    /// Whether it is denied by anything that the account remembers; an account that is not there
    /// denies nothing.
    ///
    /// # Errors
    /// `ERR_TOKEN_REVOKED` where its session was ended or is unknown, or the token itself was
    /// revoked; `ERR_TOKEN_STALE` where the subject's permissions changed after it was made.
    pub fn check_denied(&self, account: Option<&Account>) -> Result<(), Error> {
        account.map_or(Ok(()), |account| {
            account.check_access(&self.session, &self.jti, self.iat, self.permissions)
        })
    }

    /// Whether its session lives.
    ///
    /// # Errors
    /// As [`AccessToken::check_denied`]; also where the account is not there, or the session's
    /// time is over.
    pub fn check_session(&self, account: Option<&Account>, now: i64) -> Result<(), Error> {
        let session = account.ok_or(UNKNOWN)?.session(&self.session);
        if session.is_some_and(|session| session.over(now).is_some()) {
            return Err(OVER);
        }
        self.check_denied(account)
    }
}

impl Account {
    /// Whether an access token of this session still stands, however long ago it was used.
    ///
    /// # Errors
    /// As [`AccessToken::check_denied`].
    pub fn check_access(
        &self,
        session: &str,
        jti: &str,
        iat: i64,
        permissions: u64,
    ) -> Result<(), Error> {
        let session = self.session(session).ok_or(REVOKED)?;
        if session.denies(jti, iat) {
            return Err(REVOKED);
        }
        if permissions < self.permissions {
            return Err(STALE);
        }
        Ok(())
    }
}

const REVOKED: Error = Error::new(Code::TokenRevoked, "the token or its session was revoked");
const OVER: Error = Error::new(Code::TokenRevoked, "the token's session is over; sign in again");
const UNKNOWN: Error =
    Error::new(Code::TokenRevoked, "the token belongs to no session that is known here");
const STALE: Error =
    Error::new(Code::TokenStale, "permissions changed after the token was made; refresh it");

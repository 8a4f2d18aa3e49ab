//! The answer to a sign-in or a refresh, made from the written record alone ([RFC 9068], [RFC 6749, section 5.1]).
//!
//! [RFC 9068]: https://www.rfc-editor.org/rfc/rfc9068
//! [RFC 6749, section 5.1]: https://www.rfc-editor.org/rfc/rfc6749#section-5.1

use super::claims::PERMISSIONS;
use super::record::Account;
use super::session::Session;
use crate::core::json::{Object, Writer, quote};
use crate::core::token::draft;

/// Whose answer it is.
#[derive(Clone, Debug)]
#[allow(clippy::exhaustive_structs, reason = "an argument list")]
pub struct Answer<'a> {
    /// `iss`
    pub issuer: &'a str,
    /// The record's key.
    pub handle: &'a str,
    /// The record.
    pub account: &'a Account,
    /// The session.
    pub session: &'a Session,
    /// Unix time in seconds.
    pub now: i64,
}

impl Answer<'_> {
    /// The session's public name, `<handle>.<session>`.
    #[must_use]
    pub fn sid(&self) -> String {
        [self.handle, &*self.session.id].join(".")
    }

    /// What the access token's signature goes over, for a token with this header.
    #[must_use]
    pub fn signing_input(&self, header: &str) -> String {
        draft::signing_input(header, &self.claims())
    }

    /// The access token's claims.
    #[must_use]
    pub fn claims(&self) -> String {
        let Session { client, access, grant, .. } = self.session;
        let mut json = Writer::new();
        json.string("iss", self.issuer).string("sub", &self.account.subject);
        match &*grant.audience {
            [one] => json.string("aud", one),
            several => json.array("aud", several.iter().map(|audience| quoted(audience))),
        };
        json.int("exp", access.exp).int("iat", access.iat).string("jti", &access.jti);
        json.string("sid", &self.sid()).string("client_id", client);
        if let Some(scope) = &access.scope {
            json.string("scope", scope);
        }
        json.int("auth_time", grant.proof.auth_time);
        if let Some(acr) = &grant.proof.acr {
            json.string("acr", acr);
        }
        if !grant.proof.amr.is_empty() {
            json.array("amr", grant.proof.amr.iter().map(|method| quoted(method)));
        }
        // Left out while it is 0, so that those who never use it never see it.
        if let Some(version) = i64::try_from(access.permissions).ok().filter(|version| *version > 0)
        {
            json.int(PERMISSIONS, version);
        }
        let kept = Object::parse(grant.claims.as_bytes()).unwrap_or_default();
        let added = Object::parse(access.claims.as_bytes()).unwrap_or_default();
        for member in kept.members().iter().filter(|member| added.get(&member.name).is_none()) {
            json.raw(&member.name, member.raw);
        }
        for member in added.members() {
            json.raw(&member.name, member.raw);
        }
        json.finish()
    }

    /// Seconds that the access token is good for; a repeat of what is over, revoked or stale has
    /// none, so that the client refreshes the successor at once.
    #[must_use]
    pub fn expires_in(&self) -> i64 {
        if self.stands() { self.left(self.session.access.exp) } else { 0 }
    }

    /// Whether the access token was neither revoked nor made under other permissions.
    #[must_use]
    pub fn stands(&self) -> bool {
        let Session { id, access, .. } = self.session;
        self.account.check_access(id, &access.jti, access.iat, access.permissions).is_ok()
    }

    /// Seconds that the refresh token is good for.
    #[must_use]
    pub fn refresh_expires_in(&self) -> i64 {
        self.left(self.session.refresh_end())
    }

    fn left(&self, end: i64) -> i64 {
        end.saturating_sub(self.now).max(0)
    }

    /// The whole answer: a TokenResponse, with the refresh token unless it travels apart.
    #[must_use]
    pub fn token_response(&self, access_token: &str, refresh_token: Option<&str>) -> String {
        let Session { generation, access, .. } = self.session;
        let mut json = Writer::new();
        json.string("access_token", access_token).string("token_type", "Bearer");
        json.int("expires_in", self.expires_in());
        if let Some(refresh_token) = refresh_token {
            json.string("refresh_token", refresh_token);
        }
        json.int("refresh_token_expires_in", self.refresh_expires_in());
        json.int("session_expires_in", self.left(self.session.absolute_end));
        json.string("session_id", &self.sid());
        json.int("generation", i64::try_from(*generation).unwrap_or(i64::MAX));
        if let Some(scope) = &access.scope {
            json.string("scope", scope);
        }
        json.finish()
    }

    /// The session as users see it: a SessionInfo, with `current` where it is the asker's own.
    #[must_use]
    pub fn session_info(&self, current: bool) -> String {
        let Session { client, created, last_used, grant, .. } = self.session;
        let mut json = Writer::new();
        json.string("id", &self.sid()).string("clientId", client);
        let mut device = Writer::new();
        let parts = [
            ("label", &grant.device.label),
            ("userAgent", &grant.device.user_agent),
            ("ip", &grant.device.ip),
        ];
        for (name, value) in parts {
            if let Some(value) = value {
                device.string(name, value);
            }
        }
        if parts.iter().any(|(_, value)| value.is_some()) {
            json.raw("device", &device.finish());
        }
        json.int("createdAt", *created).int("lastUsedAt", *last_used);
        json.int("expiresAt", self.session.refresh_end());
        let proof = self.session.proof();
        if let Some(acr) = &proof.acr {
            json.string("acr", acr);
        }
        json.int("authTime", proof.auth_time);
        if current {
            json.bool("current", true);
        }
        json.finish()
    }
}

fn quoted(text: &str) -> String {
    let mut out = String::new();
    quote(&mut out, text);
    out
}

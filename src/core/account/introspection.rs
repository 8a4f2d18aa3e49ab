//! What a token is, told to a client that keeps a secret ([RFC 7662, section 2.2]).
//!
//! [RFC 7662, section 2.2]: https://www.rfc-editor.org/rfc/rfc7662#section-2.2

use super::answer::Answer;
use super::codec::RefreshToken;
use crate::core::json::{Object, Writer};

/// Nothing that stands, and not a word about why.
#[must_use]
pub fn inactive() -> String {
    let mut json = Writer::new();
    json.bool("active", false);
    json.finish()
}

/// An access token that stands, by its verified claims.
#[must_use]
pub fn access(claims: &Object<'_>) -> String {
    let mut json = Writer::new();
    json.bool("active", true).string("token_type", "Bearer");
    for member in claims.members() {
        if !matches!(&*member.name, "active" | "token_type") {
            json.raw(&member.name, member.raw);
        }
    }
    json.finish()
}

/// A refresh token whose seal is good: active where it is the session's live one.
#[must_use]
pub fn refresh(answer: &Answer<'_>, token: &RefreshToken) -> String {
    let session = answer.session;
    if token.generation() < session.generation || session.over(answer.now).is_some() {
        return inactive();
    }
    let mut json = Writer::new();
    json.bool("active", true).string("iss", answer.issuer);
    json.string("sub", &answer.account.subject).string("sid", &answer.sid());
    json.string("client_id", &session.client);
    if let Some(scope) = &session.grant.scope {
        json.string("scope", scope);
    }
    json.int("iat", session.rotated_at).int("exp", session.refresh_end());
    json.finish()
}

//! Introspection: what a token is, for a client that proved who it is ([RFC 7662]).
//!
//! [RFC 7662]: https://www.rfc-editor.org/rfc/rfc7662

use super::desk::Desk;
use super::failure::Failure;
use super::verifier::{Audience, Verified, verified};
use crate::core::account::answer::Answer;
use crate::core::account::codec::RefreshToken;
use crate::core::account::introspection::{access, inactive, refresh};
use crate::core::account::refusal::Refusal;

impl Desk {
    /// The answer of section 2.2, as JSON; of refresh tokens only for the client whose they are.
    pub(super) async fn introspect(&self, token: &str, client: &str) -> Result<String, Failure> {
        let settings = self.settings();
        let now = settings.now()?;
        if let Ok(token) = RefreshToken::parse(token) {
            match settings.secrets.check(&token, client) {
                Ok(()) => {}
                Err(Refusal::Invalid) => return Ok(inactive()),
                Err(refusal) => return Err(refusal.into()),
            }
            let handle = token.handle();
            let (account, _) = settings.store.read(handle).await?.into_parts();
            let answer = account.as_ref().and_then(|account| {
                let session = account.session(token.session())?;
                let answer = Answer { issuer: &settings.issuer, handle, account, session, now };
                Some(refresh(&answer, &token))
            });
            return Ok(answer.unwrap_or_else(inactive));
        }
        let Some(Verified { claims, token }) = verified(settings, token, Audience::Any).await?
        else {
            return Ok(inactive());
        };
        let (account, _) = settings.store.read(&token.handle).await?.into_parts();
        let stands = token.check_session(account.as_ref(), now).is_ok();
        Ok(if stands { access(&claims.claims()) } else { inactive() })
    }
}

//! Introspection: what a token is, for a client that proved who it is ([RFC 7662]).
//!
//! [RFC 7662]: https://www.rfc-editor.org/rfc/rfc7662

use super::desk::Desk;
use super::failure::Failure;
use super::verifier::{Audience, Verified, verified};
use crate::core::account::answer::Answer;
use crate::core::account::introspection::{access, inactive, refresh};
use crate::core::account::refusal::Refusal;

impl Desk {
    /// The answer of section 2.2, as JSON; of refresh tokens only for the client whose they are.
    pub(super) async fn introspect(&self, token: &str, client: &str) -> Result<String, Failure> {
        let settings = self.settings();
        let now = settings.now()?;
        match self.presented(token, client) {
            Ok((token, carried)) => {
                let (account, _) = self.account_of(&token, carried).await?;
                let answer = account.as_ref().and_then(|account| {
                    let session = account.session(token.session())?;
                    let (issuer, handle) = (&*settings.issuer, token.handle());
                    let answer = Answer { issuer, handle, account, session, now };
                    (session.client == client).then(|| refresh(&answer, &token))
                });
                return Ok(answer.unwrap_or_else(inactive));
            }
            // Perhaps an access token.
            Err(Refusal::Invalid) => {}
            Err(refusal) => return Err(refusal.into()),
        }
        let Some(Verified { claims, token }) = verified(settings, token, Audience::Any).await?
        else {
            return Ok(inactive());
        };
        let stands = !settings.store.is_there() || {
            let (account, _) = settings.store.read(&token.handle).await?.into_parts();
            token.check_session(account.as_ref(), now).is_ok()
        };
        Ok(if stands { access(&claims.claims()) } else { inactive() })
    }
}

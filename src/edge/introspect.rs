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
use crate::core::account::stateless::Carried;

impl Desk {
    /// The answer of section 2.2, as JSON; of refresh tokens only for the client whose they are.
    pub(super) async fn introspect(&self, token: &str, client: &str) -> Result<String, Failure> {
        let settings = self.settings();
        let now = settings.now()?;
        if settings.stateless.is_some()
            && let Ok(carried) = settings.secrets.open(token, &settings.issuer)
        {
            let Carried { handle, account, .. } = &carried;
            let Ok(session) = carried.session(client, now) else { return Ok(inactive()) };
            let answer = Answer { issuer: &settings.issuer, handle, account, session, now };
            return Ok(refresh(&answer, session.generation));
        }
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
                Some(refresh(&answer, token.generation()))
            });
            return Ok(answer.unwrap_or_else(inactive));
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

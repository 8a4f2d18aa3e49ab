//! Who sends a request: by the bearer token, or by cookies, which are renewed on the way.

use js_sys::Array;
use wasm_bindgen::JsValue;
use web_sys::{Headers, Request};

use super::desk::Desk;
use super::failure::Failure;
use super::refresh;
use super::renew::Renewed;
use super::transport::{header, is_safe, own};
use super::verifier::{Audience, verified};
use crate::core::account::clients::scheme;
use crate::core::account::http::device;
use crate::core::account::refusal::Wire;
use crate::core::error::Code;

impl Desk {
    /// An access token that stands, and the headers to send back; `null` where nobody is signed in.
    pub(super) async fn authenticate(&self, request: &Request) -> Result<JsValue, Failure> {
        let settings = self.settings();
        let headers = Headers::new()?;
        let authorization = header(request, "authorization")?;
        let bearer = authorization.as_deref().and_then(|value| scheme(value, "bearer"));
        if let Some(token) = bearer
            && settings.renewal.is_some()
            && let Some(renewed) = self.renewed_on_the_way(token).await?
        {
            let Some(access) = renewed else { return Ok(JsValue::NULL) };
            headers.set("cache-control", "private, no-store")?;
            headers.set(RENEWED, &access)?;
            return Ok(known(&access, &headers));
        }
        if let Some(token) = bearer
            && verified(settings, token, Audience::Own).await?.is_some()
        {
            return Ok(known(token, &headers));
        }
        let Some(mut jar) = settings.jar(request)? else { return Ok(JsValue::NULL) };
        if !is_safe(request) && !own(request)? {
            return Ok(JsValue::NULL);
        }
        // For whatever audience: it was we who put it there, for this very site.
        if let Some(token) = &jar.access
            && verified(settings, token, Audience::Any).await?.is_some()
        {
            return Ok(known(token, &headers));
        }
        let Some((token, client)) = jar.refresh.take() else { return Ok(JsValue::NULL) };
        let device = device(header(request, "user-agent")?, None);
        let asked =
            refresh::Request { token, client, device, jar: Some(jar), ..Default::default() };
        let tokens = match self.refresh(asked).await {
            Ok(tokens) if tokens.stands => tokens,
            Ok(_) => return Ok(JsValue::NULL),
            // Refused for good, or with something newer on its way to the browser.
            Err(failure) if failure.error().and_then(Wire::of).is_some_and(Wire::is_grant) => {
                return Ok(JsValue::NULL);
            }
            Err(failure) => return Err(failure),
        };
        headers.set("cache-control", "private, no-store")?;
        for cookie in &tokens.cookies {
            headers.append("set-cookie", cookie)?;
        }
        Ok(known(&tokens.access, &headers))
    }
}

impl Desk {
    /// The successor of a token near its end, or `Some(None)` where nobody is signed in any more;
    /// `None` where the token itself says who sends the request.
    async fn renewed_on_the_way(&self, token: &str) -> Result<Option<Option<String>>, Failure> {
        let failure = match self.renew(token).await {
            Ok(None) => return Ok(None),
            Ok(Some(Renewed { access, .. })) => {
                // Tokens for others are renewed too, and count elsewhere.
                let is_own = verified(self.settings(), &access, Audience::Own).await?.is_some();
                return Ok(is_own.then_some(Some(access)));
            }
            Err(failure) => failure,
        };
        match failure.error().map(|error| error.code) {
            Some(Code::TokenRevoked | Code::TokenStale | Code::SessionEnded) => Ok(Some(None)),
            // What cannot be renewed now may still count until its end.
            Some(code) if code.retryable() => {
                let lives = verified(self.settings(), token, Audience::Own).await?.is_some();
                if lives { Ok(None) } else { Err(failure) }
            }
            Some(_) => Ok(None),
            None => Err(failure),
        }
    }
}

/// The header that a renewed token travels in.
const RENEWED: &str = "renewed-token";

fn known(token: &str, headers: &Headers) -> JsValue {
    Array::of2(&token.into(), headers).into()
}

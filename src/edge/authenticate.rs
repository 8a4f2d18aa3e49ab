//! Who sends a request: by the bearer token, or by cookies, which are renewed on the way.

use js_sys::Array;
use wasm_bindgen::JsValue;
use web_sys::{Headers, Request};

use super::desk::Desk;
use super::failure::Failure;
use super::refresh;
use super::transport::{is_safe, own};
use super::verifier::{accepted, verified};
use crate::core::account::clients::scheme;
use crate::core::account::http::device;
use crate::core::account::refusal::Wire;
use crate::core::token::base64url;

impl Desk {
    /// The claims of whoever sends the request, as JSON, and the headers to send back; `null` where
    /// nobody is signed in.
    pub(super) async fn authenticate(&self, request: &Request) -> Result<JsValue, Failure> {
        let settings = self.settings();
        let header = |name| request.headers().get(name);
        let headers = Headers::new()?;
        let authorization = header("authorization")?;
        let bearer = authorization.as_deref().and_then(|value| scheme(value, "bearer"));
        if let Some(token) = bearer
            && accepted(settings, token).await?.is_some()
        {
            return Ok(known(token, &headers));
        }
        let Some(mut jar) = settings.jar(request)? else { return Ok(JsValue::NULL) };
        if !is_safe(request) && !own(request)? {
            return Ok(JsValue::NULL);
        }
        // For whatever audience: it was we who put it there, for this very site.
        if let Some(token) = &jar.access
            && verified(settings, token).await?.is_some()
        {
            return Ok(known(token, &headers));
        }
        let Some((token, client)) = jar.refresh.take() else { return Ok(JsValue::NULL) };
        let device = device(header("user-agent")?, None);
        let asked =
            refresh::Request { token, client, device, jar: Some(jar), ..Default::default() };
        let tokens = match self.refresh(asked).await {
            Ok(tokens) => tokens,
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

/// A token of ours, by its claims.
fn known(token: &str, headers: &Headers) -> JsValue {
    let payload = token.split('.').nth(1).and_then(base64url::decode).unwrap_or_default();
    let claims = String::from_utf8(payload).unwrap_or_default();
    Array::of2(&claims.into(), headers).into()
}

//! The client's own requests: refresh ([RFC 6749, section 6]) and revocation ([RFC 7009]).
//!
//! [RFC 6749, section 6]: https://www.rfc-editor.org/rfc/rfc6749#section-6
//! [RFC 7009]: https://www.rfc-editor.org/rfc/rfc7009

use js_sys::{Function, JSON, Object};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::globals::{AbortSignal, Response, URLSearchParams, member};
use super::host::Host;
use super::options::Server;
use crate::core::session::{Answer, Token};
use crate::shell::error::set;

/// A refresh that is to be sent.
pub(super) struct Refresh {
    pub(super) token: Option<Token>,
    pub(super) attempt: Option<String>,
    pub(super) signal: AbortSignal,
}

impl Refresh {
    pub(super) async fn send(self, host: &Host, server: &Server) -> Answer {
        if let Some(own) = &server.refresh {
            return self.ask(own).await.unwrap_or_else(|thrown| refused(&thrown));
        }
        let form = URLSearchParams::new();
        form.append("grant_type", "refresh_token");
        if let Some(token) = &self.token {
            form.append("refresh_token", token.expose());
        }
        if let Some(attempt) = &self.attempt {
            form.append("attempt", attempt);
        }
        let endpoint = server.token_endpoint.as_deref().unwrap_or_default();
        let answer = post(host, server, endpoint, &form, Some(&self.signal)).await;
        answer.unwrap_or(Answer::Unreachable)
    }

    /// Asks the application, which may have a protocol of its own.
    async fn ask(self, own: &Function) -> Result<Answer, JsValue> {
        let context = Object::new();
        if let Some(token) = &self.token {
            set(&context, "refreshToken", &token.expose().into());
        }
        // A form without a value is a form without the parameter (RFC 6749, section 3.2).
        set(&context, "attempt", &self.attempt.as_deref().unwrap_or_default().into());
        set(&context, "signal", &self.signal);
        let answer = own.call1(&JsValue::UNDEFINED, &context)?;
        let tokens = crate::shell::host::settled(answer).await?;
        Ok(Answer::Tokens(json(&tokens).unwrap_or_default()))
    }
}

/// Whether the server took the revocation.
pub(super) async fn revoke(host: &Host, server: &Server, token: &Token) -> bool {
    let form = URLSearchParams::new();
    form.append("token", token.expose());
    form.append("token_type_hint", "refresh_token");
    let endpoint = server.revocation_endpoint.as_deref().unwrap_or_default();
    matches!(
        post(host, server, endpoint, &form, None).await,
        Ok(Answer::Http { status: 200..=299, .. })
    )
}

/// What an application handed in, as JSON.
pub(super) fn json(value: &JsValue) -> Option<String> {
    value.is_object().then(|| JSON::stringify(value).ok()).flatten()?.as_string()
}

async fn post(
    host: &Host,
    server: &Server,
    url: &str,
    form: &URLSearchParams,
    signal: Option<&AbortSignal>,
) -> Result<Answer, JsValue> {
    if let Some(id) = &server.client_id {
        form.append("client_id", id);
    }
    let init = Object::new();
    set(&init, "method", &"POST".into());
    set(&init, "body", form);
    // A sign-out is often the last thing that a page does.
    set(&init, "keepalive", &signal.is_none().into());
    if let Some(signal) = signal {
        set(&init, "signal", signal);
    }
    let headers = Object::new();
    set(&headers, "accept", &"application/json".into());
    set(&init, "headers", &headers);
    let answer = JsFuture::from(host.fetch(&url.into(), &init)?).await?;
    let response: Response = answer.unchecked_into();
    let status = response.status();
    let retry_after = response.response_headers().get("retry-after").and_then(|it| seconds(&it));
    let body = JsFuture::from(response.text()?).await?.as_string().unwrap_or_default();
    Ok(Answer::Http { status, retry_after, body })
}

/// `Retry-After` is a number of seconds or a date ([RFC 9110, section 10.2.3]).
///
/// [RFC 9110, section 10.2.3]: https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3
fn seconds(value: &str) -> Option<f64> {
    let seconds = value.trim().parse::<u32>().map(f64::from);
    let until = || (js_sys::Date::parse(value) - js_sys::Date::now()) / 1_000.0;
    Some(seconds.unwrap_or_else(|_| until())).filter(|seconds| seconds.is_finite())
}

/// What an application's refresh threw: an OAuth error, a `TokenError`, or anything.
fn refused(thrown: &JsValue) -> Answer {
    let text = |name| member(thrown, name).and_then(|value| value.as_string());
    let (error, code) = (text("error"), text("code"));
    if error.is_none() && code.is_none() {
        return Answer::Unreachable;
    }
    let retry_after = member(thrown, "retryAfter").and_then(|value| value.as_f64());
    Answer::Refused { error, code, retry_after }
}

//! The endpoints over HTTP: requests in, responses out.

use std::cell::RefCell;

use js_sys::{Function, JsString};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Headers, Request, ResponseInit, Url};

use super::account;
use super::desk::Desk;
use super::failure::Failure;
use super::issuer::{jwks, metadata};
use super::refresh;
use super::store::member;
use crate::core::account::clients::{Caller, refused};
use crate::core::account::endpoint::{Endpoint, share};
use crate::core::account::form::Form;
use crate::core::account::http::{MAX_BODY, Response, TokenRequest, form, token};
use crate::core::account::refusal::Refusal;
use crate::core::account::session::Device;
use crate::core::account::throttle::Throttle;
use crate::core::error::Error;

/// Takes what has the form of a `Request`; runtimes and their libraries have classes of their own.
pub(super) fn request(given: JsValue) -> Result<Request, Error> {
    let is_one = member(&given, "url").is_string()
        && member(&given, "method").is_string()
        && member(&given, "headers").is_object()
        && member(&given, "text").is_function();
    let request: Request = given.unchecked_into();
    if !is_one || request.body_used() {
        return Err(Error::option("request", "handle takes a Request whose body was not read yet"));
    }
    Ok(request)
}

/// What the runtime says about a request that the request itself does not.
struct Context {
    ip: Option<String>,
    wait_until: Option<Function>,
}

impl Context {
    /// Reads what there is; runtimes have more in theirs.
    fn read(given: &JsValue) -> Self {
        let wait_until = member(given, "waitUntil").dyn_into::<Function>().ok();
        Self {
            ip: member(given, "ip").as_string().filter(|ip| !ip.is_empty()),
            wait_until: wait_until.map(|function| function.bind0(given)),
        }
    }
}

/// Answers a request, or gives `undefined` where it is for somebody else.
///
/// Rejects where the server itself is wrong: that is the application's to see and to answer.
pub(super) async fn handle(
    desk: &Desk,
    request: &Request,
    context: &JsValue,
) -> Result<JsValue, Failure> {
    let path = Url::new(&request.url())?.pathname();
    let Some((endpoint, session)) = desk.settings().paths.endpoint(&path) else {
        return Ok(JsValue::UNDEFINED);
    };
    let Context { ip, wait_until } = Context::read(context);
    let desk = desk.during(wait_until);
    let origins = &desk.settings().origins;
    let mut response = if request.method() == "OPTIONS" && !origins.is_empty() {
        endpoint.preflight()
    } else {
        let answered = answer(&desk, (endpoint, session), request, ip.as_deref()).await;
        let wrong = is_wrong(endpoint, &answered);
        let response = match answered {
            Ok(response) => response,
            // Nobody is told that there was nothing to revoke (RFC 7009, section 2.2).
            Err(_) if wrong && endpoint == Endpoint::Revoke => Response::done(),
            Err(failure) => failure.error().and_then(Response::error).ok_or(failure)?,
        };
        match throttled(&desk, ip.as_deref().filter(|_| wrong))? {
            Some(refused) => refused,
            None => response,
        }
    };
    share(&mut response, origins, request.headers().get("origin")?.as_deref());
    Ok(sent(&response)?)
}

/// Whether somebody sent a refresh token that nobody here made, or a client did not prove who it is.
fn is_wrong(endpoint: Endpoint, answered: &Result<Response, Failure>) -> bool {
    match answered {
        // Users whose access token is over do nothing wrong.
        Ok(response) => {
            response.status == 401 && !matches!(endpoint, Endpoint::Sessions | Endpoint::Session)
        }
        Err(failure) => failure.error() == Some(&Refusal::Invalid.error()),
    }
}

/// Counts something wrong from a peer; what is right is never refused for it.
fn throttled(desk: &Desk, peer: Option<&str>) -> Result<Option<Response>, JsValue> {
    let Some(peer) = peer else { return Ok(None) };
    let now = desk.settings().now()?;
    let Err(throttled) = THROTTLE.with_borrow_mut(|throttle| throttle.count(peer, now)) else {
        return Ok(None);
    };
    if throttled.first {
        desk.tell_throttled(now);
    }
    Ok(Some(Response::throttled(throttled.retry_after)))
}

thread_local! {
    /// Of the isolate and not of an issuer: those are made anew for each request.
    static THROTTLE: RefCell<Throttle> = const { RefCell::new(Throttle::new()) };
}

async fn answer(
    desk: &Desk,
    (endpoint, session): (Endpoint, &str),
    request: &Request,
    ip: Option<&str>,
) -> Result<Response, Failure> {
    if let Err(refused) = endpoint.allow(&request.method()) {
        return Ok(refused);
    }
    match endpoint {
        Endpoint::Jwks => Ok(Response::public(jwks(desk.settings()))),
        Endpoint::Metadata => Ok(Response::public(metadata(desk.settings()))),
        Endpoint::Sessions | Endpoint::Session => account::answer(desk, session, request).await,
        Endpoint::Token | Endpoint::Revoke | Endpoint::Introspect => {
            match posted(desk, request).await? {
                Ok((form, caller)) => act(desk, endpoint, request, form, caller, ip).await,
                Err(refused) => Ok(refused),
            }
        }
    }
}

/// The form of a request, and the client that sends it.
async fn posted(
    desk: &Desk,
    request: &Request,
) -> Result<Result<(Form, Caller), Response>, JsValue> {
    let header = |name| request.headers().get(name);
    let length = header("content-length")?;
    if length.and_then(|length| length.parse().ok()).is_some_and(|length: u64| length > MAX_BODY) {
        return Ok(Err(Response::too_large()));
    }
    let Ok(body) = JsFuture::from(request.text()?).await else {
        return Ok(Err(Response::cut_off()));
    };
    let body: JsString = body.unchecked_into();
    // Not every request says its length, and what does not fit into the wasm would end it.
    if u64::from(body.length()) > MAX_BODY {
        return Ok(Err(Response::too_large()));
    }
    let (content_type, authorization) = (header("content-type")?, header("authorization")?);
    Ok(form(content_type.as_deref(), &String::from(body)).and_then(|mut form| {
        let clients = &desk.settings().clients;
        let caller = clients.authenticate(authorization.as_deref(), &mut form)?;
        Ok((form, caller))
    }))
}

async fn act(
    desk: &Desk,
    endpoint: Endpoint,
    request: &Request,
    mut form: Form,
    caller: Caller,
    ip: Option<&str>,
) -> Result<Response, Failure> {
    if endpoint == Endpoint::Token {
        let asked = match TokenRequest::read(&mut form) {
            Ok(asked) => asked,
            Err(refused) => return Ok(refused),
        };
        let user_agent = request.headers().get("user-agent")?;
        let device = Device { label: None, user_agent, ip: ip.map(String::from) };
        let asked = refresh::Request::of(asked, caller.named()?, device);
        return desk.refresh(asked).await.map(Response::private);
    }
    if endpoint == Endpoint::Introspect && !caller.confidential {
        return Ok(refused());
    }
    let token = match token(&mut form) {
        Ok(token) => token,
        Err(refused) => return Ok(refused),
    };
    if endpoint == Endpoint::Introspect {
        return desk.introspect(&token, &caller.named()?).await.map(Response::private);
    }
    desk.revoke_for(&token, caller).await.map(|()| Response::done())
}

fn sent(response: &Response) -> Result<JsValue, JsValue> {
    let headers = Headers::new()?;
    for (name, value) in &response.headers {
        headers.set(name, value)?;
    }
    let init = ResponseInit::new();
    init.set_status(response.status);
    init.set_headers(&headers);
    web_sys::Response::new_with_opt_str_and_init(response.body.as_deref(), &init).map(JsValue::from)
}

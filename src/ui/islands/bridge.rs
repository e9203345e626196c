//! Hands a payment to the wallet whose browser shows the page.

use leptos::prelude::*;

/// `label` is the button, `missing` what to say when this is not that wallet's browser.
#[island]
pub fn Bridge(bridge: String, params: String, label: String, missing: String) -> impl IntoView {
    let absent = RwSignal::new(false);
    #[cfg(feature = "hydrate")]
    let call = {
        let call = move || wallet::call(&bridge, &params, absent);
        wallet::when_ready(call.clone());
        move |_| call()
    };
    #[cfg(not(feature = "hydrate"))]
    let call = move |_| {
        let _ = (&bridge, &params);
    };
    view! {
        <div class="needs-script bridge">
            <button type="button" class="button is-primary is-wide" on:click=call>{label}</button>
            <p class="hint" role="status">{move || if absent.get() { missing.clone() } else { String::new() }}</p>
        </div>
    }
}

#[cfg(feature = "hydrate")]
mod wallet {
    use js_sys::{Array, Function, JSON, Object, Reflect};
    use leptos::prelude::*;
    use leptos::wasm_bindgen::closure::Closure;
    use leptos::wasm_bindgen::{JsCast, JsValue};

    /// Object and function of a wallet's bridge, and the call's first argument.
    fn entry(bridge: &str) -> Option<(&'static [&'static str], &'static str, Option<&'static str>)> {
        match bridge {
            "wechat_jsapi" => Some((&["WeixinJSBridge"], "invoke", Some("getBrandWCPayRequest"))),
            "alipay_jsapi" => Some((&["AlipayJSBridge"], "call", Some("tradePay"))),
            "qq_jsapi" => Some((&["mqq", "tenpay"], "pay", None)),
            _ => None,
        }
    }

    /// Calls the wallet; whatever it answers, only the server's own question to the provider counts.
    pub fn call(bridge: &str, params: &str, absent: RwSignal<bool>) {
        absent.set(try_call(bridge, params).is_none());
    }

    fn try_call(bridge: &str, params: &str) -> Option<()> {
        let (path, function, first) = entry(bridge)?;
        let mut object: JsValue = window().into();
        for name in path {
            object = Reflect::get(&object, &(*name).into()).ok().filter(|o| o.is_object())?;
        }
        let function = Reflect::get(&object, &function.into()).ok()?.dyn_into::<Function>().ok()?;
        let params = JSON::parse(params).unwrap_or_else(|_| Object::new().into());
        let arguments = Array::new();
        if let Some(first) = first {
            arguments.push(&first.into());
        }
        arguments.push(&params);
        arguments.push(&Closure::once_into_js(|_: JsValue| {}));
        function.apply(&object, &arguments).ok().map(|_| ())
    }

    /// Now, or when the wallet announces its bridge.
    pub fn when_ready(call: impl Fn() + Clone + 'static) {
        // A bridge that is there already has made its announcement: one of the two calls finds it.
        for event in ["WeixinJSBridgeReady", "AlipayJSBridgeReady"] {
            let call = call.clone();
            let ready = Closure::<dyn FnMut()>::new(call);
            let _ = document().add_event_listener_with_callback(event, ready.as_ref().unchecked_ref());
            ready.forget();
        }
        set_timeout(call, std::time::Duration::ZERO);
    }
}

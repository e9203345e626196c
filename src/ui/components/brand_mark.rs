//! Our own simple drawings for the wallets: a rounded square in the brand's colour with a plain shape. They are not the
//! brands' logos.

use crate::model::Brand;
use leptos::prelude::*;

const fn colour(brand: Brand) -> &'static str {
    match brand {
        Brand::Wechat => "#07C160",
        Brand::Alipay => "#1677FF",
        Brand::Qq => "#12B7F5",
        Brand::Unionpay => "#E21836",
        Brand::Baidu => "#2932E1",
        Brand::Jd => "#E1251B",
        Brand::Lianlian => "#1D4FD7",
    }
}

/// White strokes on 32×32.
const fn shape(brand: Brand) -> &'static str {
    match brand {
        // Two speech bubbles.
        Brand::Wechat => {
            "M19 12.5c-.4-3-3-5-6.2-5C9.2 7.5 6.5 9.8 6.5 13c0 1.8.9 3.3 2.3 4.3L8.2 20l2.9-1.5M14 18.5c0 2.9 2.5 5 5.7 5 .7 0 1.4-.1 2-.3l2.4 1.3-.5-2.3c1.2-.9 1.9-2.2 1.9-3.7 0-2.9-2.5-5-5.8-5S14 15.6 14 18.5z"
        }
        // A tick over a line.
        Brand::Alipay => "M8 14.5l5.5 5.5L24 9.5M8 24.5h16",
        // A round body with two wings.
        Brand::Qq => {
            "M16 7a6 6 0 0 0-6 6v3.5C8.8 18 8 19.5 8 21.5c0 .7 1 .5 2.2-.7A6 6 0 0 0 16 24.5a6 6 0 0 0 5.8-3.7c1.2 1.2 2.2 1.4 2.2.7 0-2-.8-3.5-2-5V13a6 6 0 0 0-6-6z"
        }
        // Three leaning cards.
        Brand::Unionpay => "M10.5 8.5L7.5 23.5M16.5 8.5l-3 15M22.5 8.5l-3 15M10.5 8.5h12M7.5 23.5h12",
        // A paw.
        Brand::Baidu => {
            "M16 15c3 0 6 3.2 6 6.2 0 2.3-2 3-6 3s-6-.7-6-3c0-3 3-6.2 6-6.2zM8.5 13v1.5M13 7.5V10M19 7.5V10M23.5 13v1.5"
        }
        // A smiling bag.
        Brand::Jd => "M8.5 12.5h15l-1 11.5h-13zM12.5 12.5V11a3.5 3.5 0 0 1 7 0v1.5M12.5 17.5c1.6 2.7 5.4 2.7 7 0",
        // Two links of a chain.
        Brand::Lianlian => "M14.5 12.5H11a3.5 3.5 0 0 0 0 7h3.5M17.5 12.5H21a3.5 3.5 0 0 1 0 7h-3.5M12.5 16h7",
    }
}

/// Not read out: the name stands beside it.
#[component]
pub fn BrandMark(brand: Brand) -> impl IntoView {
    view! {
        <svg class="brand-mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
            <rect width="32" height="32" rx="8" fill=colour(brand)></rect>
            <path d=shape(brand) fill="none" stroke="#fff" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"></path>
        </svg>
    }
}

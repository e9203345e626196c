//! Alipay's side, tried from the outside: a merchant of its own signs calls and verifies answers here, over the router.

mod bar_codes;
mod bills;
mod certificate_mode;
mod notices;
mod oauth;
mod pages;
mod refunds;
mod stage;
mod strictness;
mod trades;
mod vector_data;
mod vectors;

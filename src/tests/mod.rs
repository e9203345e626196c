//! Integration tests: the real server over HTTP with the real simulator beside it, and other parts of the program that
//! never see each other in the code, put together.

mod alipay_channel;
mod api_checks;
mod api_orders;
mod api_payments;
mod app;
mod architecture;
mod auditor;
mod baidu_channel;
mod bar_codes;
mod behaviours;
mod bills;
mod browsers;
mod canary;
mod channel_guides;
mod clerk;
mod client_faults;
mod codes;
mod commands;
mod database_faults;
mod degraded;
mod docs;
mod edge;
mod every_kind;
mod forged_anywhere;
mod forged_notices;
mod forger;
mod form_payments;
mod full_disk;
mod fuzz;
mod jd_channel;
mod kill;
mod lianlian_channel;
mod lone_pages;
mod merchant;
mod one_code;
mod panel;
mod process;
mod provider_faults;
mod qq_channel;
mod receiver;
mod receiver_faults;
mod redirect;
mod restart;
mod shutdown;
mod sign_in;
mod troublemaker;
mod two_servers;
mod unionpay_channel;
mod unionpay_orders;
mod wallet;
mod wechat_v2_channel;
mod wechat_v3_channel;

/// How often something is tried: the first number in `make test`, the second in `make torture`, which takes hours.
pub(crate) fn extent(short: usize, long: usize) -> usize {
    if std::env::var_os("TORTURE").is_some() { long } else { short }
}

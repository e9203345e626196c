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
mod canary;
mod client_faults;
mod codes;
mod commands;
mod database_faults;
mod edge;
mod forged_anywhere;
mod forged_notices;
mod forger;
mod full_disk;
mod fuzz;
mod kill;
mod lianlian_channel;
mod merchant;
mod panel;
mod process;
mod provider_faults;
mod receiver;
mod receiver_faults;
mod redirect;
mod restart;
mod sign_in;
mod troublemaker;
mod two_servers;
mod unionpay_channel;
mod wallet;
mod wechat_v2_channel;

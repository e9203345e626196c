//! Integration tests: parts of the program that never see each other in the code, put together.

mod alipay_channel;

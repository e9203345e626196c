//! Server functions: the pages' only door to the payment core. Each says who may call it, reads its input into model types,
//! calls `pay` and maps the error. No SQL, no signing, no decision about money.

mod error;

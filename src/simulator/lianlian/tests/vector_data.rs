//! The texts and signatures of LianLian's documents and those constructed by its rules.

/// 3.1: a notice of the official page, signed by a public client.
pub const NOTICE_OF_THE_PAGE: (&str, &str, &str) = (
    "bank_code=01020000&dt_order=20130515094013&info_order=用户13958069593购买了3桶羽毛球&money_order=210.97&no_order=2013051500001&oid_partner=201103171000000000&oid_paybill=2013051613121201&pay_type=2&result_pay=SUCCESS&settle_date=20130516&sign_type=MD5",
    "201307032000003506",
    "b807649b6a45ef6335aa3fb44930edfb",
);

/// 3.2: a real answer, signed with LianLian's published key.
pub const REAL_ANSWER: (&str, &str, &str) = (
    "dt_order=20170605131558&money_order=0.61&no_agree=2017060134793542&no_order=2017060510199101&oid_partner=201705101001719503&oid_paybill=2017060500771034&result_pay=SUCCESS&ret_code=0000&ret_msg=交易成功&settle_date=20170605&sign_type=RSA",
    "c416dd7563eb997453c9d1982e68306c",
    "fhPu9tSBOhukb4M9ro+UnsL1EdbhjBsgIwJvnfInNoC1E2CZ4UOiENyRFQMAEZefovSoesy5XIXZFlczhnSxOA8AdnqUlBKoTV4jTtLA7WDe/C/BYd2G72Do2GZDslbTIrDBkinfzvtAJujC7m3Wj/oocft1A8LidZQm7X1rRSQ=",
);

/// 3.3: a web request, its MD5 sign, the MD5 of its text under RSA, and its RSA sign with the throw-away key.
pub const WEB: (&str, &str, &str, &str) = (
    r#"busi_partner=101001&dt_order=20170605131558&money_order=0.01&name_goods=测试商品&no_order=20170605131558001&notify_url=http://merchant.example/notify&oid_partner=201408071000001546&pay_type=1&risk_item={"frms_ware_category":"1999","user_info_mercht_userno":"123456","user_info_dt_register":"20141015165530"}&sign_type=MD5&timestamp=20170605131558&url_return=http://merchant.example/return&user_id=123456&userreq_ip=127_0_0_1&valid_order=30&version=1.0"#,
    "566172f8bfc80a003d34992dc7aaa7b3",
    "cc026e744e8773789cfd64119f166ab6",
    "TcyhcDBzEfJQZJoK1aXNRdarygK69/vjH6fuy+bQu/DTmXYGVIFyqgNbkZWiObB+906NCwRBbiFsFPr0eemzFrKxlndnUO2KERQdE5EZ00YwcLGePtOc4kb908Q/TaJGt/kzBIJbtoexQnZdluGEbmHaK2GpHV54+eVdRfbOXUQ=",
);

/// 3.3: a WAP request, its MD5 sign, and the input that travels.
pub const WAP: (&str, &str, &str) = (
    r#"acct_name=测试&app_request=3&busi_partner=101001&dt_order=20170605131558&id_no=110101199003077715&money_order=0.01&name_goods=测试商品&no_order=20170605131558001&notify_url=http://merchant.example/notify&oid_partner=201408071000001546&risk_item={"frms_ware_category":"1999","user_info_mercht_userno":"123456","user_info_dt_register":"20141015165530"}&sign_type=MD5&url_return=http://merchant.example/return&user_id=123456&valid_order=30&version=1.2"#,
    "025609763af2640910f65b6eae8a2968",
    r#"{"version":"1.2","oid_partner":"201408071000001546","user_id":"123456","app_request":"3","sign_type":"MD5","busi_partner":"101001","no_order":"20170605131558001","dt_order":"20170605131558","name_goods":"测试商品","money_order":"0.01","notify_url":"http://merchant.example/notify","url_return":"http://merchant.example/return","valid_order":"30","risk_item":"{\"frms_ware_category\":\"1999\",\"user_info_mercht_userno\":\"123456\",\"user_info_dt_register\":\"20141015165530\"}","id_no":"110101199003077715","acct_name":"测试","sign":"025609763af2640910f65b6eae8a2968"}"#,
);

/// 3.3: the other messages with their MD5 signs.
pub const MESSAGES: &[(&str, &str)] = &[
    (
        "bank_code=01020000&dt_order=20170605131558&money_order=0.01&no_order=20170605131558001&oid_partner=201408071000001546&oid_paybill=2017060500771034&pay_type=1&result_pay=SUCCESS&settle_date=20170605&sign_type=MD5",
        "2be3d6797ba9fdbf9b484a2427eeb5e8",
    ),
    (
        "dt_order=20170605131558&money_order=0.01&no_order=20170605131558001&oid_partner=201408071000001546&oid_paybill=2017060500771034&result_pay=SUCCESS&settle_date=20170605&sign_type=MD5",
        "4aa325ddd28afa46526d71a0ea75577a",
    ),
    (
        "dt_order=20170605131558&no_order=20170605131558001&oid_partner=201408071000001546&query_version=1.1&sign_type=MD5",
        "680afe1709a8b8718a6d54ce47081711",
    ),
    (
        "dt_order=20170605131558&dt_refund=20170606100000&money_refund=0.01&no_order=20170605131558001&no_refund=RF20170606000001&notify_url=http://merchant.example/refund-notify&oid_partner=201408071000001546&oid_paybill=2017060500771034&sign_type=MD5",
        "ec8423c7b80e19a3d03262f0c7d9cb4f",
    ),
    (
        "dt_refund=20170606100000&money_refund=0.01&no_refund=RF20170606000001&oid_partner=201408071000001546&oid_refundno=2017060600123456&ret_code=0000&ret_msg=交易成功&sign_type=MD5&sta_refund=0",
        "24956ecf411838ed4d3732083d338789",
    ),
];

//! The published vectors of API v3. The private key exists only for these and must never be used for anything else; it
//! plays the merchant in requests and the provider in replies and notices.

/// The key that the two published invocation signatures were made with, derived from them.
pub const PUBLISHED_KEY: &str = r#"-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAptpm+qvIDCh/9wjU26SQ
CK26ogYkBhDrYxnAaw2JbbBsp1oDbHKk+1r381NeBUG2HEFAuU+Fr72u5ot3yKdz
oF/FajAzQNKnm569/D3upKoi8mYBaST15Uig8j8qoUW1U217LL0jEHlSnHV3lcaD
TXqDpTRR4Bfz9IqOgJgFZ8/oTfEomSrjrLYef81Eyxr7ZIMQXEKKEK7V4UXKS0+/
fDsiG/cXidhzt8UbTL9vqXqxM2+IDImyO+FAc/tkBG55LmzxPto1Nq0WbnZzRM/w
Tzrd0I/8NlevxtFbphg4evlHjFNI7+GrqR87ViEwuAJJ9Je5QQjct5YJfFRWiZ5C
MQIDAQAB
-----END PUBLIC KEY-----"#;

/// Of a page, over `prepay_id=…`.
pub const PUBLISHED_JSAPI: &str = r#"mI35pfNEQV6777ke/1T+LJLQDNTm7yeoUJH+j/adPGhmCCi0PbgkvYQTRcXH0uibcLVtvFLdGLpmoYO9FV6lBBsTAjuhh5YOvQi0e2g3e0yytitiNET9FEuqM0pjnKfRW4K6LIZDdbWJv9KhZUx3DrJa5TL7OJ7VdADVivxVySIlPVKjGwuCXzuXSJes0UcILgWQUMyha5/3nYofuHtS7r+KYyMuxD+oJ9VM1Qdxk4UIG59CP5Y3wtYIFybyF3bdu1caHTRRX+DLyMXyYA/IrTmiW01c4RPjpHBX5Dk1sZyY1zVsWNsvMHr2e1NTWtBxKJ+qk5N61J7caYoepHFaxw=="#;

/// Of an app, over the bare prepay id.
pub const PUBLISHED_APP: &str = r#"gXx9KhTP6IooKV1SuG3OCGlBIgZbKtubCZvnau6khw1iffvNT28IzLbKmztq2xA/RCNbZa1XOsoiuVmAEeTZQicWfhv4P+O4oBRIrx0X9f3cnWFkMBU9alTWs0nyQ1N9fcILOTe0f4kxOhVh+/Xhn5hOiUK7Sz3XA1mcpa3R2NCWf/e+0ow/RDf15iTymOHgDrEkT/gedg/3E0iXfDX3mFicSZhrHESZDOTXcl9RzELREBUFznd/o2NQM99WcL86m23HY0cTy+QGWU4QDmNrbQ9ihmLW71qPb0Cx/d7EQvw/Kyx0A6s64ZQp3hHdcmiRcLnjVXrKCk7LShaCK+lS3Q=="#;

/// Of a test of the provider's Go kit.
pub const KIT_KEY: &str = r#"-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA2VCTd91fnUn73Xy9DLvt
/V62TVxRTEEstVdeRaZ3B3leO0pldE806mXO4RwdHXagHQ4vGeZN0yqm++rDsGK+
U3AH7kejyD2pXshNP9Cq5YwbptiLGtjcquw4HNxJQUOmDeJf2vg6byms9RUipiq4
SzbJKqJFlUpbuIPDpSpWz10PYmyCNeDGUUK65E5h2B834uxl1zNLYQCrkdBzb8oU
xwYeP5a2DNxmjL5lsJML7DGr5znsevnoqGRwTm9fxCGfy8wus7hwKz6clt3Whmmd
a7UAdb1c08hEQFVRbF14AR73xbnd8N0obCWJPCbzMCtkaSef4FdEEgEXJiw0VAJT
8wIDAQAB
-----END PUBLIC KEY-----"#;

/// Over the six letters `source`.
pub const KIT_SIGNATURE: &str = r#"BKyAfU4iMCuvXMXS0Wzam3V/cnxZ+JaqigPM5OhljS2iOT95OO6Fsuml2JkFANJU9K6q9bLlDhPXuoVz+pp4hAm6pHU4ld815U4jsKu1RkyaII+1CYBUYC8TK0XtJ8FwUXXz8vZHh58rrAVN1XwNyvD1vfpxrMT4SL536GLwvpUHlCqIMzoZUguLli/K8V29QiOhuH6IEqLNJn8e9b3nwNcQ7be3CzYGpDAKBfDGPCqCv8Rw5zndhlffk2FEA70G4hvMwe51qMN/RAJbknXG23bSlObuTCN7Ndj1aJGH6/L+hdwfLpUtJm4QYVazzW7DFD27EpSQEqA8bX9+8m1rLg=="#;

/// TEST KEY, PKCS#8 without its armour. Never deploy it.
pub const TEST_KEY: &str = r#"MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDoOefnyNfv1IAq
aMa5dBCONYDF+w1872jVJiaDihHJNUKsd8XdWvrdxS00tS9ofxsrrQbKKjJLPA4t
vw6METgOBjfcSGJhE9ekToq2N5FfmhJj9qLAQIXEEfyfBAKodmenVNtqAHkJ/sGY
6zX7iDDLgiPx4fjNUWHvE7capaIp66CPDWVvWF3XCCCHXQWGfa4ImwLSr7CSEo3D
feYoHgX8rq+CFyj8aHYrqpGiwCGtIe8SKo805xI8/iB3ED0xqliuBW6Yd4EqLPwD
YkuGxWBazKbDlgiVepBi9a06iDrtkOVxPws9vAsGZem4SjrfQjBFKCVxuAWxAnMu
YDo4TD2xAgMBAAECggEACIGngKZrH4Q+kh8eqWgqm5Ty472pnbIU2lrwhfi6pE7M
w43LHAvDPPimKmQ5KXgfdgr7YNApIbegUtVo6mFOlvfsF6f4n5L3HxQH8XsJWpHF
mu8LwORUKg2ZHfeLA+H7c8YQV/qOtHqmG4yBIJa5Z9j7aVa0UwwIPPZRSpr23Nds
frNrio2YoHFIDegFNLS2SmOp+iaiGwRYNBF520ETr1/v5hjdNqx7Wh7rGGMJqYeq
OEIslPegjxoWQsAH7jRqHWYafHoP0FcDzdQKf2xF0l++d2ZcyB5rRx5D03e+PzUq
vK79s0kXRM5hkrKzKuhRacQvnSOzMd78DYB0sv5WCQKBgQD6JfkdyCOVSOrWSAYA
k52hkI5GVGYCX6UsZSSKz11XKKrwKSSVss8dTLB69FSFojS67jtxDxVq8KWsnEo/
pobiaD3ASFRnuUeGhsKeV7VWuFiVvCVQH0pGdrshGod1lFjv/+vZMIKBhOJ21akf
kIVrVr9oPtnzlkHzESThSLWa6QKBgQDtqJrmJee7ILnc6MEnLq6D65x1tG9uEHfV
iMWu7VIyu3mDpxX5FWe0ORI+9VIvK6SmNlBc4FWyQfIsgP4JWvRLJMq+5nCDz3oE
qo/HeWNFFVz0y14Xu3FIaZrVu/64zAmyWyjmHzc2QjGoAnjPvhHmSXRxLwxeoxIW
W0ShVfU/iQKBgEi3Pyp8InPkBXgS6cPDJYBw0Br7r8ei3BYCtNOxIfYTOVWk8CCg
IProbyje268ZDvEEDb144AX9PHvn1uGX2//2w3Sg0gBw6KzfgbWb03gJEJ8+WS5o
WiQPoagm2RfB7vSdVYcGRfm2kkpvI8GsNkyUpAF+u8bGeBdbdXgTtc75AoGBAL9Y
xw6SaldR7BOfGxUPEteINfrXAfieLb2xV2iWD15lb1q+hoR75XlHkhc6sabk/rYM
ePuua5EQY4nNebvSjWqK/upg4ypdPCLRqN20MGcI4kT+EI4PDxB8Znu710S2kwAV
QYK2k1+OQCjDhL3OjN7bOXN/q/fuV7vEVCeJ6+HxAoGAG4HGieSjatVHLuts92mw
lY4ImWsPNkt4ESrgj52pklAPi0HfPGnav3Si1xOeipj03xumgHxjYum7mjqCzrzN
DOl2tUimkPZovMsGi+0jFvjePKdP2MJS/2bB09IX2JsWwLs5ynq1CKBeUyEvEkWH
TZ6l3yGsnuWu7btDWsIkuh8="#;

/// Its public half.
pub const TEST_PUBLIC: &str = r#"-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA6Dnn58jX79SAKmjGuXQQ
jjWAxfsNfO9o1SYmg4oRyTVCrHfF3Vr63cUtNLUvaH8bK60GyioySzwOLb8OjBE4
DgY33EhiYRPXpE6KtjeRX5oSY/aiwECFxBH8nwQCqHZnp1TbagB5Cf7BmOs1+4gw
y4Ij8eH4zVFh7xO3GqWiKeugjw1lb1hd1wggh10Fhn2uCJsC0q+wkhKNw33mKB4F
/K6vghco/Gh2K6qRosAhrSHvEiqPNOcSPP4gdxA9MapYrgVumHeBKiz8A2JLhsVg
Wsymw5YIlXqQYvWtOog67ZDlcT8LPbwLBmXpuEo630IwRSglcbgFsQJzLmA6OEw9
sQIDAQAB
-----END PUBLIC KEY-----"#;

/// A: the body of an order.
pub const A_BODY: &str = r#"{"appid":"wx8888888888888888","mchid":"1900000109","description":"收银台-测试商品","out_trade_no":"CS20240601000001","time_expire":"2024-06-01T12:05:00+08:00","notify_url":"https://pay.example.com/notify/wechat/v3","amount":{"total":1,"currency":"CNY"}}"#;

/// A: its signature.
pub const A_SIGNATURE: &str = r#"ZM0GNzQpjtLY59LkniITDR7SmSOYvqwwvO3w2yZ2pB6JjX/UkRvHMpJubvyHV/G91KEP5Tri/TGlzj0rZbu3lclC8pRNyezovZnFxdYFQY2xB69G0VPB/Jtejmtxe8r1kZpeNTJNYcGGoyeNscOm4B05RVRTwmyX6yREk1TyfYQLBgf3azjwIi3cIcXl0ZjsXK5AtGHouDLyvT6Mp0QeRDso7mRZF44olSIVoY+FO7BHmRyJ2uQ9J8WusA+tkcFtIA/qyo6APEN4E4Qogo3/kGq/KFMhGw1PYryNkfxKQ4QuMU5vI7ohuViY6QnehNwTH28f57Mv6rCpWTEukHcZnQ=="#;

/// A: its header.
pub const A_HEADER: &str = r#"WECHATPAY2-SHA256-RSA2048 mchid="1900000109",nonce_str="593BEC0C930BF1AFEB40B4A08C8FB242",signature="ZM0GNzQpjtLY59LkniITDR7SmSOYvqwwvO3w2yZ2pB6JjX/UkRvHMpJubvyHV/G91KEP5Tri/TGlzj0rZbu3lclC8pRNyezovZnFxdYFQY2xB69G0VPB/Jtejmtxe8r1kZpeNTJNYcGGoyeNscOm4B05RVRTwmyX6yREk1TyfYQLBgf3azjwIi3cIcXl0ZjsXK5AtGHouDLyvT6Mp0QeRDso7mRZF44olSIVoY+FO7BHmRyJ2uQ9J8WusA+tkcFtIA/qyo6APEN4E4Qogo3/kGq/KFMhGw1PYryNkfxKQ4QuMU5vI7ohuViY6QnehNwTH28f57Mv6rCpWTEukHcZnQ==",timestamp="1717214400",serial_no="1DDE55AD98ED71D6EDD4A4A16996DE7B47773A8C""#;

/// B: the signature of a query.
pub const B_SIGNATURE: &str = r#"oiY9B0kCIX2STiuAtM2PGbBTbWo7dWY8lPlpeecnmpfXhpmPSrs8XTLpQIQHxd2Uh9QWKF0i23CTb+AvHE4BPTPHnKVHuDDOA8w5nuX6t2FDU2Yt9kcY3eBi6kfRZGMsKbWtJAy8M8T6MFI3ps6lcqOHmaz1tzMy/wLFqcvGZOP6StkX0qqBB9Gfms++mkDrJrOzWelkkTn/HfipQiM6nREfHyH6MQqbKYOhbJlFwdXrMIIbKGOaOWH4tYkzmxIDZvHjnYigjjxE/gL2kL7krnEhsOXypT9o28bh3ms1vRAlhQvPulq1QZiBKWf+z8eJZNUv95J5XfRIH81TLIH3gA=="#;

/// C: of a page.
pub const C_SIGNATURE: &str = r#"30kzY2zOkKcxP1YI30z8nkung+LdlmnPUwrbp1f4h2Y/nEiwsKp0k15Dj6pijyV2QzUHft/+S4soAvd/tnUQCnI+ZNgKoL2koQKj7cCMgvnScvFotvc7/igaJ6IKlsbkezdPgyJ1ZyVL40uM7BY9iZ4ScZ6iGRHD3iPzigKtqgzpL2xmiK/yJBEhU90jLow2isplVU1uAoxt15xamJuF0GtSOdbR4OhXcTJiwdlJYPVXV/zcspoakNJ4fKnnqNIAVkjvkzTSHnsIh5BHOOXupMuOJAyr9v/lPrmZ6k6a8VVkysVS7lC0Nj0nwQTh8keBjqQpKIwhz5Zlo+0Uue8oWg=="#;

/// D: of an app.
pub const D_SIGNATURE: &str = r#"H03wT37g2ueHg4C9FSsJjaFCDBXpPsPDjeUB+J4BjG5A4o1WAHzTXChZ2GHVDMko9Q2mq+2kk9m1o3ArOIyIkDEaTrwO40HVRhtBf7aD6FCe13dLj4C+8IVQqKzcN3DHofEK86FYvSc6LTsT+EIoQvM0StleDWkvjvAz+nOIW7NfYqaRlWopg7g601p8uOqCXotq41U+mn6LNo9dYz7yFNOzIWTXuk+CXFzRMfGMV5+mVP/CmO8EvTGNRu6Lsvf7/ZHtcrb5Zh8nhFHC+LDke9hQAIso7/cpEQXG6Xf33V7PdAN9Hx22CfBR7sZ1yzCBvCEZ41K4jfEcymlh0oh/YQ=="#;

/// E: of a reply.
pub const E_SIGNATURE: &str = r#"NJvtm0FlnKL8Q5n5WWsYohaxOHEiDw3PZsITFhc55Cr979x75f9GEyWimI/3EJTYVtpyDC6zMp1LUMxQONt6yMcepAsa6dbOtLrtqCOdU6SLNSkECK2CVoX+N8qJSpwb8Njr6T8RzX2A89Pzi6dNT1YfscTvCMOd+Qqi+TTz5r8+51FlkVfArsCn0E744JiWMnuZI5f8WUjFoTEJEe4lTw+7/BMiDgrcdEEllWK78dv4Q3Ob9Zpk1JAu/CVrJah7CElJataoZ02nIekfF7aYnnTiKHJtTWXTPk6Y2JYLs/CzgkhDM4G2UR56zo0PdxWAyTaoAUhrST9AUeok0sapVg=="#;

/// F: of a reply without body.
pub const F_SIGNATURE: &str = r#"mLN+k/zCLHhjfhYFn9dxCBeAzy+U47JIm0MfhUm2krTssdm1OYqB7Iait5uiqri2k/RoY5RDkjDnBAecNhswaKEJV7erPkZ4qFL2+fKiNvnKk67nyu/5FTMGcHw8bfPptbu8zOSFuoAORV20Qz0KjuQMYVYH8UihfwnOPeZWlfpQJBflYIoT4TegqGCoy3kip0CRZmoR/L1wgjLuCNdT4xdcIYP7Aoqlu30jwonYh/ndw4BXE9oI4SoS9cxMrbhl7v7ytUM9ciXfXnHTbaNSJcgpbQhFOa5FvVoUEDPS9mAwMhKzxIYFCy1XktIYFgK3PYeXoS8a0rFjss/vT1awqQ=="#;

/// G: a transaction.
pub const G_PLAIN: &str = r#"{"mchid":"1900000109","appid":"wx8888888888888888","out_trade_no":"CS20240601000001","transaction_id":"4200002024060100000000000001","trade_type":"NATIVE","trade_state":"SUCCESS","trade_state_desc":"支付成功","bank_type":"OTHERS","attach":"","success_time":"2024-06-01T12:01:30+08:00","payer":{"openid":"oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"},"amount":{"total":1,"payer_total":1,"currency":"CNY","payer_currency":"CNY"}}"#;

/// G: sealed.
pub const G_SEALED: &str = r#"Y/YEfUnbjBvKjySKXZexHPMC5wc2rJu0ma+GDqJJTec+KU9KEjhe/1ycdad9F7sayxCU90ZRIDRRP3k0Q8C6+HrJ5ZaBbjGBOBgH2mN4L43rytD2ESZYebcKva5dtmaf6xq4elqrTGVA5UaXeaaDNO6RGUSnftT9CMoL36cVDNZa98MMSV8lN3secZxSOs9XAwGJdZd+toiaO2aBdK7p1kgD+IOeIhYHnX4DLE9oV8Ro/4e0jgDF+eWAeFEIEpsxcwczxrOUGzpgrnllb3JPZ0fnfOVSUaMGShFFVmyEuthKONyhaoV2fKfxafsaOLD52rqMzgP1wJIKuYyZo8nlUidRfnM5HNcM4647QEnPfVPh402U3S8vRW5OdKUEHU3F0zjO+T74zb8UX29aBvMkT67CtxXOpbXSsRqSt5FvpuW8L5XU7pILNLhpDpNtD/oOWCcS2krOb8kMV7/pqD9TnMNeQUsHysc3YLhk9hD/GnqX7lOyd+Qx7aHSK8poZg82osnzQJreMstllF4yehSJhERfXxjwoELLZWhltbMEThIIs3XUPx4lFHKICBVMddR5"#;

/// H: a notice with G in it.
pub const H_BODY: &str = r#"{"id":"EV-2018022511223320873","create_time":"2024-06-01T12:01:31+08:00","resource_type":"encrypt-resource","event_type":"TRANSACTION.SUCCESS","summary":"支付成功","resource":{"original_type":"transaction","algorithm":"AEAD_AES_256_GCM","ciphertext":"Y/YEfUnbjBvKjySKXZexHPMC5wc2rJu0ma+GDqJJTec+KU9KEjhe/1ycdad9F7sayxCU90ZRIDRRP3k0Q8C6+HrJ5ZaBbjGBOBgH2mN4L43rytD2ESZYebcKva5dtmaf6xq4elqrTGVA5UaXeaaDNO6RGUSnftT9CMoL36cVDNZa98MMSV8lN3secZxSOs9XAwGJdZd+toiaO2aBdK7p1kgD+IOeIhYHnX4DLE9oV8Ro/4e0jgDF+eWAeFEIEpsxcwczxrOUGzpgrnllb3JPZ0fnfOVSUaMGShFFVmyEuthKONyhaoV2fKfxafsaOLD52rqMzgP1wJIKuYyZo8nlUidRfnM5HNcM4647QEnPfVPh402U3S8vRW5OdKUEHU3F0zjO+T74zb8UX29aBvMkT67CtxXOpbXSsRqSt5FvpuW8L5XU7pILNLhpDpNtD/oOWCcS2krOb8kMV7/pqD9TnMNeQUsHysc3YLhk9hD/GnqX7lOyd+Qx7aHSK8poZg82osnzQJreMstllF4yehSJhERfXxjwoELLZWhltbMEThIIs3XUPx4lFHKICBVMddR5","associated_data":"transaction","nonce":"fdasflkja484"}}"#;

/// H: its signature.
pub const H_SIGNATURE: &str = r#"53jSHEE/dxLtOlB+Xi5hGpVhtQSlU0d/J0fmq1XpBGv8Dfnw1EQg2zFZLuOrgF8c6YM9UPMaBXVzs20I3ntHHiuzC+bpd6vyfy/8XxE0gwOGv+/gb70EjE2+nOtTTF0g2tki1vU+Zn4KC7/O7cr5Uda8p1Swc8WEoDy1t9oxa3kbC6xdc5xfvi6P7tc0QCxKfsjykXlBELsuD76bNlzgzTKLlmflOH9tenn6XIxuFsbk+HIDVZrHgwx7zSHAcUTBAZ1pR3zKsDqNm2ix5iDltgFjjayAe1WgEUr2M4bJW1s9ncZG8IICdrqLfvKpQ6Kj8JBrYt4jd/tj6Mz8a495sA=="#;

/// I: a refund.
pub const I_PLAIN: &str = r#"{"mchid":"1900000109","out_trade_no":"CS20240601000001","transaction_id":"4200002024060100000000000001","out_refund_no":"RF20240601000001","refund_id":"50300002024060100000000000001","refund_status":"SUCCESS","success_time":"2024-06-01T12:30:00+08:00","user_received_account":"支付用户零钱","amount":{"total":1,"refund":1,"payer_total":1,"payer_refund":1}}"#;

/// I: sealed.
pub const I_SEALED: &str = r#"DHz2toto9D8N2ojiHs4aCPwn5Lor4itR4WMo1rnMlaehaTsO5CBXB8pO7pqMPRPWXdJjFKSrdLqcfnqxw2pG/IeiBbd7NEDgy6fFEYm1ouAMxwmB6H1bHEB3TqJVxIsRC3gVz3S0WZ2/j26bCQ6xJkaYXfQpDfioIXgVtto7aC4RdYOlm7wa4nwHXrkkomWFZvcoed7IaDm3j3lFYO7++KCWVi1KvP/B4u67wzI+4ByS636eQBi19dBGMvEUptAxsDpPg1lalmMKV1lzq/Fb4v+y7VqLvOC+hzBaYRcqA8Megm7j5Pa9gJJ+cUU7ANbBesssWiTzh1QQK8TwfSF0jMewRlXZN8k6sK+X07thVzZA2Y361nJLbEYplmyfTt60Pf5zzxiusw1Uf4Q9TsLo/eBauMIfADeo9JHP+Y8DngyFCFl+ngrDTIftMRrnUzAgE8107P2gEdC1Jbm1i2qDusxA6wGDPKj30KFX0jiQPvqHR8XxMSRssjRm"#;

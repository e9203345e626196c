/// The public half of a key that was made for these vectors alone.
const TEST_PUBLIC: &str = r#"-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA6Dnn58jX79SAKmjGuXQQ
jjWAxfsNfO9o1SYmg4oRyTVCrHfF3Vr63cUtNLUvaH8bK60GyioySzwOLb8OjBE4
DgY33EhiYRPXpE6KtjeRX5oSY/aiwECFxBH8nwQCqHZnp1TbagB5Cf7BmOs1+4gw
y4Ij8eH4zVFh7xO3GqWiKeugjw1lb1hd1wggh10Fhn2uCJsC0q+wkhKNw33mKB4F
/K6vghco/Gh2K6qRosAhrSHvEiqPNOcSPP4gdxA9MapYrgVumHeBKiz8A2JLhsVg
Wsymw5YIlXqQYvWtOog67ZDlcT8LPbwLBmXpuEo630IwRSglcbgFsQJzLmA6OEw9
sQIDAQAB
-----END PUBLIC KEY-----"#;

/// A: the body of an order.
const A_BODY: &str = r#"{"appid":"wx8888888888888888","mchid":"1900000109","description":"收银台-测试商品","out_trade_no":"CS20240601000001","time_expire":"2024-06-01T12:05:00+08:00","notify_url":"https://pay.example.com/notify/wechat/v3","amount":{"total":1,"currency":"CNY"}}"#;

/// A: its signature.
const A_SIGNATURE: &str = r#"ZM0GNzQpjtLY59LkniITDR7SmSOYvqwwvO3w2yZ2pB6JjX/UkRvHMpJubvyHV/G91KEP5Tri/TGlzj0rZbu3lclC8pRNyezovZnFxdYFQY2xB69G0VPB/Jtejmtxe8r1kZpeNTJNYcGGoyeNscOm4B05RVRTwmyX6yREk1TyfYQLBgf3azjwIi3cIcXl0ZjsXK5AtGHouDLyvT6Mp0QeRDso7mRZF44olSIVoY+FO7BHmRyJ2uQ9J8WusA+tkcFtIA/qyo6APEN4E4Qogo3/kGq/KFMhGw1PYryNkfxKQ4QuMU5vI7ohuViY6QnehNwTH28f57Mv6rCpWTEukHcZnQ=="#;

/// B: the signature of a query.
const B_SIGNATURE: &str = r#"oiY9B0kCIX2STiuAtM2PGbBTbWo7dWY8lPlpeecnmpfXhpmPSrs8XTLpQIQHxd2Uh9QWKF0i23CTb+AvHE4BPTPHnKVHuDDOA8w5nuX6t2FDU2Yt9kcY3eBi6kfRZGMsKbWtJAy8M8T6MFI3ps6lcqOHmaz1tzMy/wLFqcvGZOP6StkX0qqBB9Gfms++mkDrJrOzWelkkTn/HfipQiM6nREfHyH6MQqbKYOhbJlFwdXrMIIbKGOaOWH4tYkzmxIDZvHjnYigjjxE/gL2kL7krnEhsOXypT9o28bh3ms1vRAlhQvPulq1QZiBKWf+z8eJZNUv95J5XfRIH81TLIH3gA=="#;

/// E: of a reply.
const E_SIGNATURE: &str = r#"NJvtm0FlnKL8Q5n5WWsYohaxOHEiDw3PZsITFhc55Cr979x75f9GEyWimI/3EJTYVtpyDC6zMp1LUMxQONt6yMcepAsa6dbOtLrtqCOdU6SLNSkECK2CVoX+N8qJSpwb8Njr6T8RzX2A89Pzi6dNT1YfscTvCMOd+Qqi+TTz5r8+51FlkVfArsCn0E744JiWMnuZI5f8WUjFoTEJEe4lTw+7/BMiDgrcdEEllWK78dv4Q3Ob9Zpk1JAu/CVrJah7CElJataoZ02nIekfF7aYnnTiKHJtTWXTPk6Y2JYLs/CzgkhDM4G2UR56zo0PdxWAyTaoAUhrST9AUeok0sapVg=="#;

/// F: of a reply without body.
const F_SIGNATURE: &str = r#"mLN+k/zCLHhjfhYFn9dxCBeAzy+U47JIm0MfhUm2krTssdm1OYqB7Iait5uiqri2k/RoY5RDkjDnBAecNhswaKEJV7erPkZ4qFL2+fKiNvnKk67nyu/5FTMGcHw8bfPptbu8zOSFuoAORV20Qz0KjuQMYVYH8UihfwnOPeZWlfpQJBflYIoT4TegqGCoy3kip0CRZmoR/L1wgjLuCNdT4xdcIYP7Aoqlu30jwonYh/ndw4BXE9oI4SoS9cxMrbhl7v7ytUM9ciXfXnHTbaNSJcgpbQhFOa5FvVoUEDPS9mAwMhKzxIYFCy1XktIYFgK3PYeXoS8a0rFjss/vT1awqQ=="#;

/// G: a transaction.
const G_PLAIN: &str = r#"{"mchid":"1900000109","appid":"wx8888888888888888","out_trade_no":"CS20240601000001","transaction_id":"4200002024060100000000000001","trade_type":"NATIVE","trade_state":"SUCCESS","trade_state_desc":"支付成功","bank_type":"OTHERS","attach":"","success_time":"2024-06-01T12:01:30+08:00","payer":{"openid":"oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"},"amount":{"total":1,"payer_total":1,"currency":"CNY","payer_currency":"CNY"}}"#;

/// H: a notice with G in it.
const H_BODY: &str = r#"{"id":"EV-2018022511223320873","create_time":"2024-06-01T12:01:31+08:00","resource_type":"encrypt-resource","event_type":"TRANSACTION.SUCCESS","summary":"支付成功","resource":{"original_type":"transaction","algorithm":"AEAD_AES_256_GCM","ciphertext":"Y/YEfUnbjBvKjySKXZexHPMC5wc2rJu0ma+GDqJJTec+KU9KEjhe/1ycdad9F7sayxCU90ZRIDRRP3k0Q8C6+HrJ5ZaBbjGBOBgH2mN4L43rytD2ESZYebcKva5dtmaf6xq4elqrTGVA5UaXeaaDNO6RGUSnftT9CMoL36cVDNZa98MMSV8lN3secZxSOs9XAwGJdZd+toiaO2aBdK7p1kgD+IOeIhYHnX4DLE9oV8Ro/4e0jgDF+eWAeFEIEpsxcwczxrOUGzpgrnllb3JPZ0fnfOVSUaMGShFFVmyEuthKONyhaoV2fKfxafsaOLD52rqMzgP1wJIKuYyZo8nlUidRfnM5HNcM4647QEnPfVPh402U3S8vRW5OdKUEHU3F0zjO+T74zb8UX29aBvMkT67CtxXOpbXSsRqSt5FvpuW8L5XU7pILNLhpDpNtD/oOWCcS2krOb8kMV7/pqD9TnMNeQUsHysc3YLhk9hD/GnqX7lOyd+Qx7aHSK8poZg82osnzQJreMstllF4yehSJhERfXxjwoELLZWhltbMEThIIs3XUPx4lFHKICBVMddR5","associated_data":"transaction","nonce":"fdasflkja484"}}"#;

/// H: its signature.
const H_SIGNATURE: &str = r#"53jSHEE/dxLtOlB+Xi5hGpVhtQSlU0d/J0fmq1XpBGv8Dfnw1EQg2zFZLuOrgF8c6YM9UPMaBXVzs20I3ntHHiuzC+bpd6vyfy/8XxE0gwOGv+/gb70EjE2+nOtTTF0g2tki1vU+Zn4KC7/O7cr5Uda8p1Swc8WEoDy1t9oxa3kbC6xdc5xfvi6P7tc0QCxKfsjykXlBELsuD76bNlzgzTKLlmflOH9tenn6XIxuFsbk+HIDVZrHgwx7zSHAcUTBAZ1pR3zKsDqNm2ix5iDltgFjjayAe1WgEUr2M4bJW1s9ncZG8IICdrqLfvKpQ6Kj8JBrYt4jd/tj6Mz8a495sA=="#;

/// I: a refund.
const I_PLAIN: &str = r#"{"mchid":"1900000109","out_trade_no":"CS20240601000001","transaction_id":"4200002024060100000000000001","out_refund_no":"RF20240601000001","refund_id":"50300002024060100000000000001","refund_status":"SUCCESS","success_time":"2024-06-01T12:30:00+08:00","user_received_account":"支付用户零钱","amount":{"total":1,"refund":1,"payer_total":1,"payer_refund":1}}"#;

/// I: sealed.
const I_SEALED: &str = r#"DHz2toto9D8N2ojiHs4aCPwn5Lor4itR4WMo1rnMlaehaTsO5CBXB8pO7pqMPRPWXdJjFKSrdLqcfnqxw2pG/IeiBbd7NEDgy6fFEYm1ouAMxwmB6H1bHEB3TqJVxIsRC3gVz3S0WZ2/j26bCQ6xJkaYXfQpDfioIXgVtto7aC4RdYOlm7wa4nwHXrkkomWFZvcoed7IaDm3j3lFYO7++KCWVi1KvP/B4u67wzI+4ByS636eQBi19dBGMvEUptAxsDpPg1lalmMKV1lzq/Fb4v+y7VqLvOC+hzBaYRcqA8Megm7j5Pa9gJJ+cUU7ANbBesssWiTzh1QQK8TwfSF0jMewRlXZN8k6sK+X07thVzZA2Y361nJLbEYplmyfTt60Pf5zzxiusw1Uf4Q9TsLo/eBauMIfADeo9JHP+Y8DngyFCFl+ngrDTIftMRrnUzAgE8107P2gEdC1Jbm1i2qDusxA6wGDPKj30KFX0jiQPvqHR8XxMSRssjRm"#;

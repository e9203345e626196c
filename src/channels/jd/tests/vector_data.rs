//! The provider's vectors: values, texts and signatures of the test merchant that JD's own demo prints, and those made by
//! its rules.

/// The public test merchant.
pub const MERCHANT: &str = "22294531";
pub const DES_KEY: &str = "ta4E/aspLA3lgFGKmNDNRYU92RkZ4w2t";
/// Its private key, PKCS#8 without armour. Printed in JD's demo: a test key, worth nothing.
pub const MERCHANT_KEY: &str = include_str!("vectors/merchant.pkcs8");
/// JD's public key, as its demo prints it.
pub const JD_KEY: &str = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCKE5N2xm3NIrXON8Zj19GNtLZ8xwEQ6uDIyrS3S03UhgBJMkGl4msfq4Xuxv6XUAN7oU1XhV3/xtabr9rXto4Ke3d6WwNbxwXnK5LSgsQc1BhT5NcXHXpGBdt7P8NMez5qGieOKqHGvT0qvjyYnYA29a8Z4wzNR7vAVHp36uD5RwIDAQAB";
/// Test key, made for nothing else. It plays JD where a test needs JD's signature.
pub const THROWAWAY: &str = include_str!("vectors/throwaway.pkcs8");
pub const THROWAWAY_PUBLIC: &str = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCrmZ1G228Pf92c8ezhXB66uY5UFjheoMrPYsIqYhcPUxk9ayP5Wy1c4Bu29JLhRGkF2W3QeVs1LFsJOGgco+kXUGBOVsOFoItXLuEibNLxLX3Dop3ufNc3UwC2tysKUVdQWZ+zcoVWCID+qTOlHFS2NT+GB2sSwG0eq/6Q+FtmvwIDAQAB";

/// 9.1: clear values and what they are locked to.
pub const VALUES: &[(&str, &str)] = &[
    ("1", "e5a6c3761ab9ddaf"),
    ("0", "e00c693e6c5b8a60"),
    ("CNY", "ac7132c57f10d3ce"),
    ("12345678", "b9a9953b73f9f8eb3612d06b873f74e9"),
    ("0000001", "29d899fc35dc7aa50640156c06e5ec0f"),
    ("测试商品", "25fc4ff3e72f364fc1d80691e88fd7df"),
    ("20170718101010", "d9668085c69c2ecb73421627b78590400135be4ad908a2a7"),
    ("http://making.dev/notify", "d54a8a984359284ec3d58d814e65630300d528555ef1e14ebe9ff87c62d78770"),
    ("http://frontend.com/return", "b470f968b7165dcf745e8e129f073434ef9ec43bd64dda9ba2fe77001f4c7347"),
];

/// 9.2: the text of a form, its digest, its signature by the merchant.
pub const FORM: (&str, &str, &str) = (
    "amount=1&callbackUrl=http://frontend.com/return&currency=CNY&merchant=22294531&notifyUrl=http://making.dev/notify&orderType=0&tradeName=测试商品&tradeNum=12345678&tradeTime=20170718101010&userId=0000001&version=V2.0",
    "0a99b27931c9e95aee44f5159c1ec180105cf64c81ff1d15e6f48f2fed34be31",
    "di/QyXcBJGY/Avb8ilTEUsCxto6F5fbjX4mvGt0a0J2XD1dTJ8sPidfTHofagsgz9H/CP3FC6Hqca49woS7o8vkn4oPfA+coHfxBnm4QtBcvdeQjW3fKq2IKbtGG7UGNGXEJc9Gk7BnXNnuvnbEc5FVFcvbqirdNi+7opO9jmaM=",
);

/// 9.3: a refund request, its digest, its signature by the merchant, and the digest of what travels.
pub const REFUND: (&str, &str, &str, &str) = (
    include_str!("vectors/refund.xml"),
    "2317ed0e724bfb4fab95f196c7f55455dfe2bff12a19b6b015e0c110097350ce",
    "UlcPzSqTH+E/zCqZFUFsY+zZ7mj7sS1XF9By2HEb9a0v6s0px6cUjTMU8J5YmJ521DkePRDiA3XXISls9XDISsZvRXJBfBe9pOLf09HzJza45x4iMuuSyxeaGEGLHo5b9bAGslcwFPNZ14yxbGcptQ4tcvO30yNDbsWroTMzGZo=",
    "b950910f4de59cc54abd8dbb30eca1cf941bd8a9db558cbe4ddbb9c96c77d14a",
);

/// 9.4: a real answer of JD: what travelled, its digest, the document in it, the digest that was signed.
pub const ANSWER: (&str, &str, &str, &str) = (
    include_str!("vectors/answer.encrypt"),
    "b41a7408c368423856e0f906671097ed8ed682337c6d1595395ea5c19c59f08b",
    include_str!("vectors/answer.xml"),
    "399694d732bcf5cceaa1b0dd657593718f35f00b858133407d8543ec82517943",
);

/// 9.5: a real return in the browser: locked fields, signature, text, digest.
pub const RETURN: (&[(&str, &str)], &str, &str, &str) = (
    &[
        ("amount", "e5a6c3761ab9ddaf"),
        ("currency", "ac7132c57f10d3ce"),
        ("note", ""),
        ("status", "e00c693e6c5b8a60"),
        ("tradeNum", "38442bada8fcc81581d733ff756dc840272bf690d6b0c0e4"),
        ("tradeTime", "c33390d9b3d6d6699706ea1467616603a2a1506bbaaf0f59"),
    ],
    "hO5dwBI6P9jpcPComYNzXct5P5Y2yHI4awojnp1xh1AaJseqegga5VsTV9GMlypXio8wK4PztvvPU4z14YMka0PDVkzuaA9LV7nPwbQQPj+0tT1F7kiVLIhk//Er2XtzNH93CwReKY9YZEP9NIsgaLTbdK6JAdQiOQyz6CN7dDY=",
    "amount=1&currency=CNY&status=0&tradeNum=dev-1531882041-111&tradeTime=20180718104826",
    "c4c3ce09e9ab00a432040625dbe25aab143e20de6276970ac3e7eb7b5448ecdc",
);

/// 9.7: a notice: the unsigned document, its digest, its signature by the throw-away key, what travels, its digest.
pub const NOTICE: (&str, &str, &str, &str, &str) = (
    include_str!("vectors/notice.xml"),
    "6e3e8a04a6e4f0cc9323fa741973d631a3ad6e657b4aeb7fee4ae760d4622917",
    "HJ8TL+hXEq3YFjeakWBPX8e+Nq5V2BROON0YwUlg3VwnBO+K1EsESizySatepYIMcss5Cuye87KDyxeJpcQPsmenHSC01bmr8L/kcPpuZOvbhQ0iuvMCrnELl2VtVdIPtJSWeWRefMBmBAAFke+OLuekNys6TzQeNNGJlhRTPf4=",
    include_str!("vectors/notice.encrypt"),
    "c3938c48cf7ba705bf82ff6d2c7ceb9ce13816348f9bb42292bc398fa786b2d5",
);

/// 9.7: the return in the browser for the same order: text, digest, signature by the throw-away key.
pub const RETURN_MADE: (&str, &str, &str) = (
    "amount=1&currency=CNY&status=0&tradeNum=20260101120000001&tradeTime=20260101120031",
    "23ea0e4c33d8c846dfbfa6ca88ebab9b7dcc95f779fd282b57c9a28781df1d05",
    "EPeuRll5QyRfEPJzdklQYdVDyZG5V9bklNWM8xouqWVjIlSNw12azK33xPq4aplxhFpbHLx9yPOu06bSAzCXOhy8gHPy10hYl4sFlQwPC0NSJEMFWe7JOzcE7ZcHiy+1jB5yWlb4MdufyFvPfFce7Yb4beKUQYrAOKndi5VuhvU=",
);

# checkout

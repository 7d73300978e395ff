"""Names that PyTorch and micrograd have and this package has not: what to write here (see autograd/familiar.py)."""

from __future__ import annotations

MODULE = {
    "to cuda cpu double float half": "its numbers are Python floats; fit takes a dtype to compute with",
    "children named_children": "modules() lists the modules in it",
    "buffers named_buffers": "state_dict() has their numbers",
    "register_parameter register_buffer add_module": "set an attribute, self.w = nn.Parameter(...), or nn.Buffer(...)",
    "params weights trainable_variables trainable_weights": "it is parameters()",
    "zero_grads zero_gradients": "it is zero_grad()",
    "named_params": "it is named_parameters()",
    "fit": "write nn.fit(model, loss, inputs, targets, optimizer=...)",
    "predict": "write model(x) for one example, model.batch(xs) for a list of them",
    "apply": "write for module in model.modules(): ...",
    "requires_grad_": "an optimizer moves only the parameters that it is given",
    "register_forward_hook register_full_backward_hook": "nn.diagnostics shows signals and gradients by layer",
}
"""What people ask a module for."""

LAYER = {
    "weight": "its neurons have them, layer.neurons[i].w",
    "bias": "its neurons have them, layer.neurons[i].b",
    "in_features": "it is layer.nin",
    "out_features": "it is layer.nout",
}
"""What they ask a layer of neurons for."""

OPTIMIZER = {
    "param_groups": "its settings are attributes, optimizer.lr, and its parameters optimizer.params",
    "add_param_group": "make another optimizer for other settings",
    "learning_rate": "it is optimizer.lr",
}
"""What they ask an optimizer for."""

NONLIN = "write activation='linear' for none, or 'relu', 'tanh', ..."
OF_FLOATS = "its numbers are Python floats; fit takes a dtype to compute with"

LAYER_OPTIONS = {
    "nonlin": NONLIN,
    "act nonlinearity activation_fn": "write activation='tanh'",
    "in_features input_size input_dim n_in": "write nin",
    "out_features output_size output_dim n_out": "write nout, and for an MLP nouts=[16, 1]",
    "layers hidden hidden_sizes hidden_layers sizes": "write nouts=[16, 1], the sizes of all layers but the inputs",
    "hidden_size hidden_dim": "write nhidden",
    "bias": "a neuron has one always; nn.Linear takes bias=False",
    "rng generator random_state key": "write seed, a number or a random.Random",
    "device dtype": OF_FLOATS,
    "num_layers": "put them into a Sequential",
}
"""What people give a layer, and what to write."""

OPTIMIZER_OPTIONS = {
    "learning_rate alpha rate step_size": "write lr",
    "beta1 beta2 beta_1 beta_2 b1 b2": "write betas=(0.9, 0.999)",
    "beta mu": "write momentum",
    "rho decay_rate": "write alpha",
    "epsilon": "write eps",
    "l2 decay wd": "write weight_decay",
    "amsgrad maximize centered": "there is no such variant here",
    "foreach fused capturable differentiable": "steps need no such choice",
    "model": "pass model.parameters()",
}
"""What they give an optimizer."""

FIT_OPTIONS = {
    "epoch n_epochs num_epochs iterations steps": "write epochs",
    "lr learning_rate": "the optimizer has it, optimizer=nn.SGD(model.parameters(), lr=0.1)",
    "loss_fn criterion": "write loss",
    "x X xs": "write inputs",
    "y Y ys labels": "write targets",
    "batch bs": "write batch_size",
    "verbose": "write progress=False for a run without a word",
    "shuffle": "each epoch is shuffled, and a seed repeats the order",
    "validation_data val valid": "write validation=(inputs, targets)",
    "patience": "write early_stopping, a number of epochs",
    "scheduler lr_scheduler": "write schedule",
    "random_state generator": "write seed",
    "device": "write engine='jax' to compute on a GPU, and devices to choose some",
    "grad_clip max_norm": "write clip_norm or clip_value",
    "jit": "write compile=True",
}
"""What they give `fit`."""

SET_TO_NONE = "a gradient is always a number, and is set to 0.0"

PACKAGE = {
    "ReLU Tanh Sigmoid GELU SiLU ELU LeakyReLU Softplus Mish Hardtanh Softsign ReLU6 Hardswish Hardsigmoid": (
        "an activation is a name, MLP(2, [8, 1], activation='relu') or Sequential(layer, 'relu')"
    ),
    "Softmax LogSoftmax": "it is a function of a list, autograd.softmax and autograd.log_softmax",
    "MSELoss": "a loss is a function, nn.mse_loss",
    "L1Loss": "a loss is a function, nn.l1_loss",
    "CrossEntropyLoss": "a loss is a function, nn.cross_entropy",
    "NLLLoss": "a loss is a function, nn.nll_loss",
    "BCEWithLogitsLoss BCELoss": "a loss is a function, nn.binary_cross_entropy_with_logits",
    "HuberLoss SmoothL1Loss": "a loss is a function, nn.huber_loss",
    "KLDivLoss": "a loss is a function, nn.kl_div",
    "ModuleList ModuleDict ParameterList ParameterDict": "a list or dict as an attribute of a Module will do",
    "Conv1d Conv2d Conv3d MaxPool2d AvgPool2d Flatten": "there are no convolutions here, only neurons",
    "BatchNorm1d BatchNorm2d": "it is nn.BatchNorm",
    "utils clip_grad_norm_ clip_grad_value_": "there are nn.clip_grad_norm and nn.clip_grad_value",
    "lr_scheduler": "there is nn.schedules",
    "Tensor": "a number of a graph is an autograd.Value",
    "RMSProp RmsProp": "it is nn.RMSprop",
    "AdaGrad": "it is nn.Adagrad",
    "Nadam NAdam RAdam Adamax Adadelta": "there are nn.Adam, nn.AdamW and nn.RMSprop",
    "Momentum": "it is nn.SGD(params, lr, momentum=0.9)",
    "softmax log_softmax relu tanh sigmoid gelu silu elu softplus": "it is a function of autograd, autograd.{name}",
    "mse mean_squared_error": "a loss is a function, nn.mse_loss",
    "bce bce_loss binary_cross_entropy": "there is nn.binary_cross_entropy_with_logits",
    "train Trainer": "it is nn.fit",
    "DataLoader Dataset": "nn.fit takes lists of inputs and targets, and a batch_size",
    "no_grad": "it is autograd.no_grad",
    "Dense": "it is nn.Linear, or nn.Layer with an activation",
    "CrossEntropy": "a loss is a function, nn.cross_entropy",
    "MSE": "a loss is a function, nn.mse_loss",
}
"""What they ask the package for."""

INIT = {
    "kaiming_normal_ kaiming_uniform_ xavier_normal_ xavier_uniform_ constant_ zeros_": (
        "it is called without the last _, and takes a whole model or a layer"
    ),
    "calculate_gain": "it is nn.init.gain",
    "lecun_uniform": "there is nn.init.lecun_normal",
    "normal_ uniform_ trunc_normal_ normal uniform random_normal random_uniform": (
        "draw the numbers yourself, for p in model.parameters(): p.data = random.gauss(0, 0.01)"
    ),
    "ones ones_ ones_init": "write nn.init.constant(target, 1.0)",
    "orthogonal orthogonal_ eye_ dirac_ sparse_": "there are nn.init.kaiming_normal, xavier_normal and lecun_normal",
}
"""What they ask nn.init for."""

ACTIVATIONS = {
    "swish": "silu",
    "logistic": "sigmoid",
    "lrelu leakyrelu leaky": "leaky_relu",
    "hard_tanh": "hardtanh",
    "hard_sigmoid": "hardsigmoid",
    "hard_swish hard_silu": "hardswish",
    "soft_plus smooth_relu": "softplus",
    "soft_sign": "softsign",
    "none identity_": "linear",
}
"""What they call an activation, and its name here."""
